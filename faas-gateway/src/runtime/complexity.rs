//! What a module may have, so that compiling it takes a time that one can wait for. Size alone does not say that: the
//! work for one function grows faster than its size.

use wasmparser::{Parser, Payload};

/// The largest function, in bytes. The largest that compilers emit, interpreters' main loops, have a third of it.
const FUNCTION_BYTES: usize = 2 << 20;
/// Functions of all modules in a component together.
const FUNCTIONS: u32 = 200_000;
/// Modules and components within a component.
const MODULES: u32 = 100;

/// What is beyond.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum TooComplex {
    #[error("a function has {0} bytes, more than {FUNCTION_BYTES}")]
    Function(usize),
    #[error("it has more than {FUNCTIONS} functions")]
    Functions,
    #[error("it is made of more than {MODULES} modules")]
    Modules,
}

/// Reads through a module or component without compiling it. What cannot be read is for the compiler to refuse.
pub(super) fn check(wasm: &[u8]) -> Result<(), TooComplex> {
    let (mut functions, mut modules) = (0_u32, 0_u32);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::CodeSectionEntry(body)) => {
                if body.range().len() > FUNCTION_BYTES {
                    return Err(TooComplex::Function(body.range().len()));
                }
                functions += 1;
            },
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => modules += 1,
            Ok(_) => (),
            Err(_) => return Ok(()),
        }
        if functions > FUNCTIONS {
            return Err(TooComplex::Functions);
        }
        if modules > MODULES {
            return Err(TooComplex::Modules);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_has_a_largest_size() {
        let module = |nops: usize| wat::parse_str(format!("(module (func {}))", "nop ".repeat(nops))).expect("text");
        assert_eq!(check(&module(1000)), Ok(()));
        assert!(matches!(check(&module(FUNCTION_BYTES)), Err(TooComplex::Function(_))));
    }

    #[test]
    fn the_modules_of_a_component_count_too() {
        let module = |count: usize| format!("(component {})", "(core module (func))".repeat(count));
        assert_eq!(check(&wat::parse_str(module(MODULES as usize)).expect("text")), Ok(()));
        let more = wat::parse_str(module(MODULES as usize + 1)).expect("text");
        assert_eq!(check(&more), Err(TooComplex::Modules));
    }
}
