//! Cases to begin with: what users, farmers and nodes do, as the unit tests of the pallets have it.
//!
//! A file holds one step a line ([`crate::step`]). `preset NAME` chooses the chain, `include NAME` takes the lines of another
//! file first, and `#` begins a comment. Files whose name begins with `_` are only included.

use std::{fs, path::Path};

use crate::{
    case::{Case, PRESETS},
    step::Step,
};

/// The folder of this crate's own cases.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds");

/// All cases of a folder with their names, in the order of these.
pub fn read_all(folder: &Path) -> Result<Vec<(String, Case)>, String> {
    let files = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> =
        files.filter_map(|file| Some(file.ok()?.path().file_stem()?.to_str()?.to_string())).collect();
    names.retain(|name| !name.starts_with('_'));
    names.sort();
    names.into_iter().map(|name| Ok((name.clone(), read(&folder.join(format!("{name}.steps")))?))).collect()
}

/// The case of a file.
pub fn read(file: &Path) -> Result<Case, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut case = Case { preset: 0, steps: vec![] };
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        take(&mut case, file, line).map_err(|error| format!("{}:{}: {error}", file.display(), number + 1))?;
    }
    Ok(case)
}

fn take(case: &mut Case, file: &Path, line: &str) -> Result<(), String> {
    match line.split_once(' ') {
        _ if line.is_empty() => {},
        Some(("preset", name)) => {
            let preset = PRESETS.iter().position(|preset| *preset == name);
            case.preset = preset.ok_or_else(|| format!("no preset `{name}`"))? as u8;
        },
        Some(("include", name)) => {
            case.steps.extend(read(&file.with_file_name(format!("{name}.steps")))?.steps);
        },
        _ => case.steps.push(Step::parse(line)?),
    }
    Ok(())
}
