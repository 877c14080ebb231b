//! No step that the code names is left out of the stories with kills.

use super::{
    gateway::REMOVAL,
    matrix::{names, LOSS, MATRIX},
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The workspace.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What is called where a step is reached.
const CALL: &str = "step::reached(";

/// The steps that the sources of a program name, each with this in front.
fn steps_of(sources: &str, prefix: &str) -> BTreeSet<String> {
    let files = files_below(&Path::new(ROOT).join(sources));
    let texts = files.iter().map(|file| (file, fs::read_to_string(file).expect("a source is text")));
    texts.flat_map(|(file, text)| steps_in(file, &text)).map(|step| format!("{prefix}{step}")).collect()
}

fn steps_in(file: &Path, text: &str) -> Vec<String> {
    let named = |rest: &str| {
        let step = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
        step.unwrap_or_else(|| panic!("{}: a step is named where it is reached", file.display())).0.to_owned()
    };
    text.split(CALL).skip(1).map(named).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn every_step_that_the_code_names_is_one_at_which_a_story_is_killed() {
    let mut named = steps_of("zos-agent/src", "");
    named.extend(steps_of("faas-gateway/src", "gateway."));
    let killed: BTreeSet<_> = [MATRIX, LOSS, REMOVAL].into_iter().flat_map(names).collect();
    assert_eq!(named, killed);
}
