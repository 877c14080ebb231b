//! Compiles the runtime to WebAssembly for the chain's state; skipped in the WebAssembly build itself.

fn main() {
    #[cfg(feature = "std")]
    substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
