//! From WebAssembly bytes to something that can be started at once, and back from disk.

use super::{complexity, engine::Runtime, guest::Guest};
use std::{fs::File, sync::Arc};
use wasmtime::{component, ExternType, InstancePre, Module};
use wasmtime_wasi_http::bindings::ProxyPre;

const PAGE_BYTES: u64 = 64 << 10;
/// How the bytes of a module and of a component begin.
const MODULE_HEADER: &[u8] = b"\0asm\x01\0\0\0";
const COMPONENT_HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
/// What a component must export, without its version.
const HANDLER: &str = "wasi:http/incoming-handler@0.2";

/// A module or component, compiled and linked.
pub(crate) struct Compiled {
    pub code: Code,
    /// Linear memory an instance has when it starts, in bytes.
    pub initial_memory: u64,
    /// Size of the WebAssembly bytes.
    pub module_bytes: u64,
    /// Size of the compiled form on disk.
    pub compiled_bytes: u64,
}

/// The two kinds of functions.
#[derive(Clone)]
pub(crate) enum Code {
    Command(Command),
    Component(Component),
}

/// A WASI preview 1 command.
#[derive(Clone)]
pub(crate) struct Command {
    pub(super) instance: InstancePre<Guest>,
}

/// A `wasi:http/proxy` component.
#[derive(Clone)]
pub(crate) struct Component {
    pub(super) proxy: Arc<ProxyPre<Guest>>,
}

/// What bytes say they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command,
    Component,
}

impl Kind {
    /// Looks at the first eight bytes.
    pub fn of(wasm: &[u8]) -> Option<Self> {
        if wasm.starts_with(MODULE_HEADER) {
            return Some(Self::Command);
        }
        wasm.starts_with(COMPONENT_HEADER).then_some(Self::Component)
    }
}

/// Why a module cannot be a function.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModuleError {
    #[error("not a WebAssembly module or component that this gateway can compile: {0}")]
    Invalid(String),
    #[error("the module is too complex to compile here: {0}")]
    TooComplex(#[from] complexity::TooComplex),
    #[error("the module needs something the gateway does not give: {0}. Build it as a WASI preview 1 command, for instance for the target wasm32-wasip1, or as a wasi:http/proxy component of WASI 0.2")]
    Imports(String),
    #[error("the module has no function `_start` without parameters: build it as a WASI command (a program with main), not as a library")]
    NoStart,
    #[error("the component exports no wasi:http/incoming-handler of WASI 0.2: build it for the world wasi:http/proxy")]
    NoHandler,
    #[error("the compiled form on disk cannot be used: {0}")]
    Stale(String),
}

impl Runtime {
    /// Compiles a module or component, on threads of low priority. Takes processor time: seconds for megabytes. Gives
    /// the compiled form's bytes.
    pub fn compile(&self, wasm: &[u8]) -> Result<Vec<u8>, ModuleError> {
        // Text would compile too where another crate of the build enables it; a module is what its digest names.
        let kind = Kind::of(wasm).ok_or_else(|| {
            ModuleError::Invalid("it begins neither like a module nor like a component of WebAssembly".into())
        })?;
        complexity::check(wasm)?;
        self.compilers.install(|| {
            let invalid = |error: wasmtime::Error| ModuleError::Invalid(format!("{error:#}"));
            match kind {
                Kind::Command => {
                    let module = Module::from_binary(&self.engine, wasm).map_err(invalid)?;
                    self.link_command(&module)?;
                    module.serialize().map_err(invalid)
                },
                Kind::Component => {
                    let component = component::Component::from_binary(&self.engine, wasm).map_err(invalid)?;
                    self.link_component(&component)?;
                    component.serialize().map_err(invalid)
                },
            }
        })
    }

    /// Takes up what [`Runtime::compile`] gave, without compiling. The file is mapped, not read: code that nobody calls
    /// costs no memory, and what is called is the page cache's.
    ///
    /// The file must hold exactly what `compile` gave and stay as it is; see the safety argument. An engine of another
    /// version or with other settings refuses it as stale.
    // Unsafe, but without it every start of the gateway compiles every module again.
    #[allow(unsafe_code)]
    pub fn load_trusted(&self, kind: Kind, compiled: &File, module_bytes: u64) -> Result<Compiled, ModuleError> {
        let stale = |error: std::io::Error| ModuleError::Stale(error.to_string());
        let compiled_bytes = compiled.metadata().map_err(stale)?.len();
        let file = compiled.try_clone().map_err(stale)?;
        // SAFETY: `deserialize_open_file` wants the unmodified output of `serialize`, for as long as it is mapped, and
        // itself refuses output of other versions and settings. There is one caller, `ModuleStore::load`: it opens a
        // file that `ModuleStore` wrote with mode 0600 in a folder of mode 0700, and passes this very file after it has
        // found the SHA-256 of what it holds equal to the one recorded in the database at the time of compiling. Rot
        // and truncation are thereby excluded; nobody changes such a file afterwards: `ModuleStore` only ever replaces
        // it by renaming another over it, which leaves the mapped one as it is. Whoever else can write to it is this
        // user, who can replace this program. No byte that came over the network reaches this function.
        let mapped = match kind {
            Kind::Command => unsafe { Module::deserialize_open_file(&self.engine, file) }.map(Mapped::Command),
            Kind::Component => unsafe { self.map_component(&file) }.map(Mapped::Component),
        };
        let (code, pages) = match mapped.map_err(|error| ModuleError::Stale(format!("{error:#}")))? {
            Mapped::Command(module) => {
                let needs = module.resources_required();
                (Code::Command(self.link_command(&module)?), needs.max_initial_memory_size)
            },
            Mapped::Component(component) => {
                let needs = component.resources_required();
                let pages = needs.and_then(|needs| needs.max_initial_memory_size);
                (Code::Component(self.link_component(&component)?), pages)
            },
        };
        let initial_memory = pages.unwrap_or(0).saturating_mul(PAGE_BYTES);
        Ok(Compiled { code, initial_memory, module_bytes, compiled_bytes })
    }

    /// A component's file can only be named, not handed over: the name of the open file itself is given.
    ///
    /// # Safety
    /// As for `Component::deserialize_file`.
    #[allow(unsafe_code)]
    unsafe fn map_component(&self, file: &File) -> wasmtime::Result<component::Component> {
        use std::os::fd::AsRawFd as _;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        unsafe { component::Component::deserialize_file(&self.engine, path) }
    }

    fn link_command(&self, module: &Module) -> Result<Command, ModuleError> {
        match module.get_export("_start") {
            Some(ExternType::Func(start)) if start.params().len() == 0 && start.results().len() == 0 => (),
            _ => return Err(ModuleError::NoStart),
        }
        let instance = self.commands.instantiate_pre(module);
        Ok(Command { instance: instance.map_err(|error| ModuleError::Imports(format!("{error:#}")))? })
    }

    fn link_component(&self, component: &component::Component) -> Result<Component, ModuleError> {
        let ty = component.component_type();
        if !ty.exports(&self.engine).any(|(name, _)| name.starts_with(HANDLER)) {
            return Err(ModuleError::NoHandler);
        }
        let imports = |error: wasmtime::Error| ModuleError::Imports(format!("{error:#}"));
        let instance = self.components.instantiate_pre(component).map_err(imports)?;
        Ok(Component { proxy: Arc::new(ProxyPre::new(instance).map_err(imports)?) })
    }
}

enum Mapped {
    Command(Module),
    Component(component::Component),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_the_kind() {
        assert_eq!(Kind::of(&wat::parse_str("(module)").expect("text")), Some(Kind::Command));
        assert_eq!(Kind::of(&wat::parse_str("(component)").expect("text")), Some(Kind::Component));
        for other in [b"".as_slice(), b"\0asm", b"\x7fELF\x01\x01\x01\0", b"(module)"] {
            assert_eq!(Kind::of(other), None);
        }
    }
}
