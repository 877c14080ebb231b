//! What a module may have, so that compiling it takes a time and a memory that one can wait for and has. Size alone does
//! not say that: the work for one function grows with the product of its variables and its branches, since the compiler
//! carries each variable through each point where ways meet.

use wasmparser::{BinaryReaderError, CompositeInnerType, FunctionBody, Operator, Parser, Payload};

/// The largest function, in bytes. The largest that compilers emit, interpreters' main loops, have a third of it.
const FUNCTION_BYTES: usize = 2 << 20;
/// Functions of all modules in a component together.
const FUNCTIONS: u32 = 200_000;
/// Modules and components within a component.
const MODULES: u32 = 100;
/// Variables times branches of one function: a hundred MiB for the compiler. A JavaScript engine's largest has 250,000.
const FUNCTION_WORK: u64 = 10_000_000;
/// The same of all functions together. A JavaScript engine has five million.
const WORK: u64 = 200_000_000;
/// Blocks within blocks. A compiler of large `switch`es comes to 1,200.
const NESTING: u32 = 10_000;

/// What is beyond.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum TooComplex {
    #[error("a function has {0} bytes, more than {FUNCTION_BYTES}")]
    Function(usize),
    #[error("it has more than {FUNCTIONS} functions")]
    Functions,
    #[error("it is made of more than {MODULES} modules")]
    Modules,
    #[error("a function has {0} as variables times branches, more than {FUNCTION_WORK}: build it optimised (-O2, --release), or split it")]
    FunctionWork(u64),
    #[error("its functions have more than {WORK} as variables times branches together")]
    Work,
    #[error("a function has blocks within blocks, more than {NESTING} deep")]
    Nesting,
}

/// Reads through a module or component without compiling it. What cannot be read is for the compiler to refuse.
pub(super) fn check(wasm: &[u8]) -> Result<(), TooComplex> {
    let mut seen = Seen::default();
    for payload in Parser::new(0).parse_all(wasm) {
        let Ok(payload) = payload else { return Ok(()) };
        let Ok(counted) = seen.count(payload) else { return Ok(()) };
        counted?;
    }
    Ok(())
}

/// What has been read so far.
#[derive(Default)]
struct Seen {
    functions: u32,
    modules: u32,
    work: u64,
    current: Module,
}

/// The module that is being read: how many parameters its types have, and those of its functions that are to come.
#[derive(Default)]
struct Module {
    types: Vec<u32>,
    functions: std::collections::VecDeque<u32>,
}

impl Seen {
    /// The outer error: it cannot be read.
    fn count(&mut self, payload: Payload<'_>) -> Result<Result<(), TooComplex>, BinaryReaderError> {
        match payload {
            Payload::Version { .. } => self.current = Module::default(),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                self.modules += 1;
                if self.modules > MODULES {
                    return Ok(Err(TooComplex::Modules));
                }
            },
            Payload::TypeSection(groups) => {
                for group in groups {
                    let types = group?.into_types();
                    self.current.types.extend(types.map(|ty| match ty.composite_type.inner {
                        CompositeInnerType::Func(function) => function.params().len() as u32,
                        _ => 0,
                    }));
                }
            },
            Payload::FunctionSection(functions) => {
                self.functions = self.functions.saturating_add(functions.count());
                if self.functions > FUNCTIONS {
                    return Ok(Err(TooComplex::Functions));
                }
                for ty in functions {
                    let parameters = self.current.types.get(ty? as usize).copied().unwrap_or(0);
                    self.current.functions.push_back(parameters);
                }
            },
            Payload::CodeSectionEntry(body) => return Ok(self.count_body(&body)),
            _ => (),
        }
        Ok(Ok(()))
    }

    fn count_body(&mut self, body: &FunctionBody<'_>) -> Result<(), TooComplex> {
        if body.range().len() > FUNCTION_BYTES {
            return Err(TooComplex::Function(body.range().len()));
        }
        let parameters = self.current.functions.pop_front().unwrap_or(0);
        let mut shape = Shape { variables: parameters.into(), branches: 1, depth: 0, deepest: 0 };
        // One that cannot be read to its end counts as far as it can: the compiler may take up others before it sees that.
        let _ = shape.read(body);
        if shape.deepest > NESTING {
            return Err(TooComplex::Nesting);
        }
        let work = shape.variables.saturating_mul(shape.branches);
        if work > FUNCTION_WORK {
            return Err(TooComplex::FunctionWork(work));
        }
        self.work = self.work.saturating_add(work);
        if self.work > WORK {
            return Err(TooComplex::Work);
        }
        Ok(())
    }
}

/// What of a function makes work.
struct Shape {
    variables: u64,
    branches: u64,
    depth: u32,
    deepest: u32,
}

impl Shape {
    fn read(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        for group in body.get_locals_reader()? {
            self.variables += u64::from(group?.0);
        }
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. } => {
                    self.branches += 1;
                    self.depth += 1;
                    self.deepest = self.deepest.max(self.depth);
                },
                Operator::Else => self.branches += 1,
                Operator::BrTable { targets } => self.branches += u64::from(targets.len()),
                Operator::End => self.depth = self.depth.saturating_sub(1),
                _ => (),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), TooComplex> {
        check(&wat::parse_str(text).expect("text"))
    }

    /// A function of that many loops in each other.
    fn loops(locals: usize, loops: usize) -> String {
        format!("(func (local {}) {}{})", "i32 ".repeat(locals), "loop ".repeat(loops), "end ".repeat(loops))
    }

    #[test]
    fn a_function_has_a_largest_size() {
        let module = |nops: usize| format!("(module (func {}))", "nop ".repeat(nops));
        assert_eq!(checked(&module(1000)), Ok(()));
        assert!(matches!(checked(&module(FUNCTION_BYTES)), Err(TooComplex::Function(_))));
    }

    #[test]
    fn the_modules_of_a_component_count_too() {
        let component = |count: usize| format!("(component {})", "(core module (func))".repeat(count));
        assert_eq!(checked(&component(MODULES as usize)), Ok(()));
        assert_eq!(checked(&component(MODULES as usize + 1)), Err(TooComplex::Modules));
    }

    #[test]
    fn variables_times_branches_have_an_end() {
        assert_eq!(checked(&format!("(module {})", loops(10_000, 999))), Ok(()));
        let more = checked(&format!("(module {})", loops(10_000, 1000)));
        assert_eq!(more, Err(TooComplex::FunctionWork(10_010_000)));
        let within = checked(&format!("(component (core module (func)) (core module {}))", loops(10_000, 1000)));
        assert_eq!(within, Err(TooComplex::FunctionWork(10_010_000)));
    }

    #[test]
    fn parameters_are_variables_and_arms_are_branches() {
        let arms = format!("(br_table {} (i32.const 0))", "0 ".repeat(20_000));
        let module = |parameters: usize| format!("(module (func (param {}) {arms}))", "i32 ".repeat(parameters));
        assert_eq!(checked(&module(499)), Ok(()));
        assert!(matches!(checked(&module(510)), Err(TooComplex::FunctionWork(_))));
    }

    #[test]
    fn many_functions_at_the_limit_are_too_many() {
        let module = |count: usize| format!("(module {})", loops(10_000, 999).repeat(count));
        assert_eq!(checked(&module(20)), Ok(()));
        assert_eq!(checked(&module(21)), Err(TooComplex::Work));
    }

    #[test]
    fn nesting_has_an_end() {
        assert_eq!(checked(&format!("(module {})", loops(0, NESTING as usize))), Ok(()));
        assert_eq!(checked(&format!("(module {})", loops(0, NESTING as usize + 1))), Err(TooComplex::Nesting));
    }
}
