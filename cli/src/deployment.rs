//! Reading a deployment file: what it leaves out is filled in, and modules that it names by file are found.

use crate::error::{file_error, CliError};
use grid_types::{
    bus::MAX_MODULE,
    deployment::{Deployment, ModuleDigest},
    json,
};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// A deployment and the modules that were found for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The deployment, complete.
    pub deployment: Deployment,
    /// Modules by digest.
    pub modules: BTreeMap<ModuleDigest, Vec<u8>>,
}

/// What is not in the file.
#[derive(Clone, Copy, Debug)]
pub struct Defaults<'a> {
    /// Whose deployment it is.
    pub twin_id: u32,
    /// The contract; 0 while there is none.
    pub contract_id: u64,
    /// The deployment's version.
    pub version: u32,
    /// The module of the workloads that name none.
    pub module: Option<&'a Path>,
}

/// Reads a deployment file.
pub fn read(path: &Path, defaults: Defaults<'_>) -> Result<Prepared, CliError> {
    let text = std::fs::read(path).map_err(|error| file_error(path, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    complete(json::parse(&text)?, folder, defaults)
}

/// The digest of a module file, and its bytes.
pub fn module(path: &Path) -> Result<(ModuleDigest, Vec<u8>), CliError> {
    let bytes = std::fs::read(path).map_err(|error| file_error(path, &error))?;
    if !bytes.starts_with(b"\0asm") {
        return Err(CliError::failed("not_a_module", format!("{} is not WebAssembly", path.display()))
            .hint("build it for wasm32-wasip1"));
    }
    if bytes.len() > MAX_MODULE {
        let message = format!("{} has {} bytes, at most {MAX_MODULE} can be sent", path.display(), bytes.len());
        return Err(
            CliError::failed("module_too_large", message).hint("build it with optimisation for size and strip it")
        );
    }
    Ok((ModuleDigest::of(&bytes), bytes))
}

fn complete(mut value: Value, folder: &Path, defaults: Defaults<'_>) -> Result<Prepared, CliError> {
    let mut modules = BTreeMap::new();
    if let Some(object) = value.as_object_mut() {
        fill(object, "version", defaults.version);
        agree(object, "twin_id", defaults.twin_id.into())?;
        agree(object, "contract_id", defaults.contract_id)?;
        fill(object, "metadata", "");
        fill(object, "description", "");
        fill(object, "expiration", 0);
        let workloads = object.get_mut("workloads").and_then(Value::as_array_mut);
        for workload in workloads.into_iter().flatten().filter_map(Value::as_object_mut) {
            fill(workload, "version", 0);
            fill(workload, "metadata", "");
            fill(workload, "description", "");
            if let Some(data) = workload.get_mut("data").and_then(Value::as_object_mut) {
                find_module(data, folder, defaults.module, &mut modules)?;
            }
        }
    }
    Ok(Prepared { deployment: Deployment::from_value(value)?, modules })
}

fn fill(object: &mut Map<String, Value>, field: &str, value: impl Into<Value>) {
    object.entry(field).or_insert_with(|| value.into());
}

/// Fills in an id, or checks that the one that is there is meant; 0 stands for "not known yet".
fn agree(object: &mut Map<String, Value>, field: &str, value: u64) -> Result<(), CliError> {
    match object.get(field).and_then(Value::as_u64) {
        Some(found) if found != value && found != 0 => {
            let message = format!("the file says {field} {found}, but it is {value}");
            Err(CliError::failed("file_contradicts", message).hint(format!("leave {field} out of the file")))
        },
        _ => {
            object.insert(field.into(), value.into());
            Ok(())
        },
    }
}

/// Turns the name of a module's file into its digest, and keeps the module.
fn find_module(
    data: &mut Map<String, Value>,
    folder: &Path,
    given: Option<&Path>,
    modules: &mut BTreeMap<ModuleDigest, Vec<u8>>,
) -> Result<(), CliError> {
    let named = data.get("module").and_then(Value::as_str);
    let file = match named.map(|name| (name, name.strip_prefix("file:"))) {
        Some((_, Some(file))) => Some(folder.join(file)),
        Some((digest, None)) => {
            // A digest in the file and a module beside it: they belong together or the module is for other workloads.
            if let Some((found, bytes)) =
                given.map(module).transpose()?.filter(|(found, _)| found.to_string() == digest)
            {
                modules.insert(found, bytes);
            }
            return Ok(());
        },
        None => given.map(PathBuf::from),
    };
    let Some(file) = file else {
        return Err(CliError::failed("module_missing", "a workload names no module")
            .hint("give --module FILE, or write \"module\": \"file:NAME.wasm\" in the deployment"));
    };
    let (digest, bytes) = module(&file)?;
    data.insert("module".into(), digest.to_string().into());
    modules.insert(digest, bytes);
    Ok(())
}

#[cfg(test)]
pub mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde_json::json;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn defaults() -> Defaults<'static> {
        Defaults { twin_id: 2, contract_id: 0, version: 0, module: None }
    }

    /// A folder with a module in it; removed when dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("grid-cli-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(path.join("stats.wasm"), MODULE).unwrap();
            Self(path)
        }

        fn module(&self) -> PathBuf {
            self.0.join("stats.wasm")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn with_module(module: Option<&str>) -> Value {
        let mut data = json!({ "memory": 1_048_576, "timeout_ms": 1 });
        if let Some(module) = module {
            data["module"] = module.into();
        }
        json!({ "workloads": [{ "name": "stats", "type": "function", "data": data }] })
    }

    /// A deployment of one small function.
    pub fn sample() -> Deployment {
        let module = ModuleDigest::of(MODULE).to_string();
        complete(with_module(Some(&module)), Path::new(""), defaults()).unwrap().deployment
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let folder = Folder::new("fill");
        let prepared = complete(with_module(Some("file:stats.wasm")), &folder.0, defaults()).unwrap();
        let deployment = &prepared.deployment;
        assert_eq!((deployment.twin_id, deployment.contract_id, deployment.version), (2, 0, 0));
        assert_eq!(deployment.workloads[0].data.module, ModuleDigest::of(MODULE));
        assert_eq!(prepared.modules, [(ModuleDigest::of(MODULE), MODULE.to_vec())].into());
    }

    #[test]
    fn a_module_given_apart_is_for_workloads_that_name_none() {
        let folder = Folder::new("given");
        let path = folder.module();
        let given = Defaults { module: Some(&path), ..defaults() };
        let prepared = complete(with_module(None), &folder.0, given).unwrap();
        assert_eq!(prepared.deployment.workloads[0].data.module, ModuleDigest::of(MODULE));
    }

    #[test]
    fn a_module_given_apart_goes_along_when_its_digest_is_named() {
        let folder = Folder::new("digest");
        let path = folder.module();
        let given = Defaults { module: Some(&path), ..defaults() };
        let named = ModuleDigest::of(MODULE).to_string();
        assert_eq!(complete(with_module(Some(&named)), &folder.0, given).unwrap().modules.len(), 1);
        let other = ModuleDigest::of(b"other").to_string();
        assert_eq!(complete(with_module(Some(&other)), &folder.0, given).unwrap().modules.len(), 0);
    }

    #[test]
    fn no_module_at_all_is_named() {
        let refused = complete(with_module(None), Path::new(""), defaults()).unwrap_err();
        assert_eq!(refused.code, "module_missing");
    }

    #[test]
    fn a_file_that_is_no_module_is_refused() {
        let folder = Folder::new("other");
        std::fs::write(folder.module(), b"#!/bin/sh").unwrap();
        assert_eq!(module(&folder.module()).unwrap_err().code, "not_a_module");
        assert_eq!(module(&folder.0.join("none.wasm")).unwrap_err().code, "file_error");
    }

    #[test]
    fn ids_in_the_file_must_be_the_real_ones() {
        let folder = Folder::new("ids");
        let mut value = with_module(Some("file:stats.wasm"));
        value["twin_id"] = 2.into();
        value["contract_id"] = 0.into();
        let known = Defaults { contract_id: 7, ..defaults() };
        assert_eq!(complete(value.clone(), &folder.0, known).unwrap().deployment.contract_id, 7);
        value["twin_id"] = 3.into();
        assert_eq!(complete(value, &folder.0, known).unwrap_err().code, "file_contradicts");
    }

    #[test]
    fn the_deployment_is_validated() {
        let refused = complete(json!([]), Path::new(""), defaults()).unwrap_err();
        assert_eq!(refused.code, "bad_schema");
    }
}
