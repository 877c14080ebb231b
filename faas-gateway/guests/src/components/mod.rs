//! `wasi:http` components: core modules around which the component is made here.

mod answers;
mod failing;
mod host;
mod outgoing;
mod prelude;

pub use answers::*;
pub use failing::*;
pub use host::*;
pub use outgoing::*;

use prelude::{HELPERS, PRELUDE};
use wit_component::{embed_component_metadata, ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

const WIT: &str = include_str!("function.wit");

/// A component: further imports (and variables after them), the text at address 1024, and what it does with `$request`
/// and `$out`.
fn component(imports: &str, text: &str, main: &str) -> Vec<u8> {
    let text: String = text.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let core = format!(
        r#"(module {PRELUDE} {imports}
  (memory (export "memory") 2)
  (data (i32.const 1024) "{text}")
  {HELPERS}
  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $body i32) (local $stream i32) (local $source i32) (local $count i32)
    {main}))"#
    );
    let mut module = wat::parse_str(core).expect("text of a module");
    let mut resolve = Resolve::default();
    let package = resolve.push_str("function.wit", WIT).expect("text of an interface");
    let world = resolve.select_world(package, Some("function")).expect("it is in the text");
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("a module");
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).expect("a module that fits the interface")
}
