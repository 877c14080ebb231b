//! From WebAssembly bytes to something that can be started at once, and back from disk.

use super::{engine::Runtime, guest::Guest};
use wasmtime::{ExternType, InstancePre, Module};

const PAGE_BYTES: u64 = 64 << 10;

/// A module, compiled and linked.
pub(crate) struct Compiled {
    pub(super) instance: InstancePre<Guest>,
    /// Linear memory an instance has when it starts, in bytes.
    pub initial_memory: u64,
    /// Size of the WebAssembly bytes.
    pub module_bytes: u64,
    /// Size of the compiled form on disk.
    pub compiled_bytes: u64,
}

/// Why a module cannot be a function.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModuleError {
    #[error("not a WebAssembly module that this gateway can compile: {0}")]
    Invalid(String),
    #[error("the module needs something the gateway does not give: {0}. Build it as a WASI preview 1 command, for instance for the target wasm32-wasip1")]
    Imports(String),
    #[error("the module has no function `_start` without parameters: build it as a WASI command (a program with main), not as a library")]
    NoStart,
    #[error("the compiled form on disk cannot be used: {0}")]
    Stale(String),
}

impl Runtime {
    /// Compiles a module. Takes processor time: seconds for megabytes. Gives the compiled form's bytes too.
    pub fn compile(&self, wasm: &[u8]) -> Result<(Compiled, Vec<u8>), ModuleError> {
        let invalid = |error: wasmtime::Error| ModuleError::Invalid(format!("{error:#}"));
        // Text would compile too where another crate of the build enables it; a module is what its digest names.
        if !wasm.starts_with(b"\0asm") {
            return Err(ModuleError::Invalid("it does not begin with the bytes 00 61 73 6d".into()));
        }
        let module = Module::from_binary(&self.engine, wasm).map_err(invalid)?;
        let bytes = module.serialize().map_err(invalid)?;
        Ok((self.link(&module, wasm.len() as u64, bytes.len() as u64)?, bytes))
    }

    /// Takes up what [`Runtime::compile`] gave, without compiling.
    ///
    /// The bytes must be exactly what `compile` gave; see the safety argument. An engine of another version or with
    /// other settings refuses them as stale.
    // The only unsafe code of this crate: without it every start of the gateway compiles every module again.
    #[allow(unsafe_code)]
    pub fn load_trusted(&self, compiled: &[u8], module_bytes: u64) -> Result<Compiled, ModuleError> {
        // SAFETY: `deserialize` wants the unmodified output of `Module::serialize`, and itself refuses output of
        // other versions and settings. There is one caller, `ModuleStore::load`: it reads a file that
        // `ModuleStore` wrote with mode 0600 in a folder of mode 0700, and passes the very bytes whose SHA-256 it
        // has just found equal to the one recorded in the database at the time of compiling. Rot and truncation are
        // thereby excluded; whoever can rewrite both file and database is this user, who can replace this program.
        // No byte that came over the network reaches this function.
        let module = unsafe { Module::deserialize(&self.engine, compiled) };
        let module = module.map_err(|error| ModuleError::Stale(format!("{error:#}")))?;
        self.link(&module, module_bytes, compiled.len() as u64)
    }

    fn link(&self, module: &Module, module_bytes: u64, compiled_bytes: u64) -> Result<Compiled, ModuleError> {
        match module.get_export("_start") {
            Some(ExternType::Func(start)) if start.params().len() == 0 && start.results().len() == 0 => (),
            _ => return Err(ModuleError::NoStart),
        }
        let instance =
            self.linker.instantiate_pre(module).map_err(|error| ModuleError::Imports(format!("{error:#}")))?;
        let pages = module.resources_required().max_initial_memory_size.unwrap_or(0);
        Ok(Compiled { instance, initial_memory: pages.saturating_mul(PAGE_BYTES), module_bytes, compiled_bytes })
    }
}
