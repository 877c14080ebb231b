//! The modules that are called, as text.

/// Answers what it is sent.
pub const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $count i32)
    (loop $more
      (i32.store (i32.const 0) (i32.const 4096))
      (i32.store (i32.const 4) (i32.const 65536))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $count (i32.load (i32.const 8)))
      (if (local.get $count)
        (then
          (i32.store (i32.const 4) (local.get $count))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (br $more))))))"#;

/// Computes without end.
pub const LOOP: &str = r#"(module (func (export "_start") (loop $again (br $again))))"#;

/// Takes memory, and uses it, until it gets no more.
pub const BOMB: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "_start") (local $end i32)
    (local.set $end (i32.const 65536))
    (loop $more
      (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
      (memory.fill (local.get $end) (i32.const 1) (i32.const 1048576))
      (local.set $end (i32.add (local.get $end) (i32.const 1048576)))
      (br $more))))"#;

/// Answers with 10 GiB.
pub const FLOOD: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $left i32)
    (i32.store (i32.const 0) (i32.const 4096))
    (i32.store (i32.const 4) (i32.const 65536))
    (local.set $left (i32.const 163840))
    (loop $more
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left)))))"#;

/// The echo as the `number`th of many modules that have nothing in common: other code, so another digest and another
/// compiled form, with as much ballast as a small program has.
pub fn another(number: u32) -> String {
    let ballast: String = (0..200)
        .map(|function| {
            format!(
                "(func (export \"f{function}\") (param i32) (result i32)
                   (i32.add (i32.mul (local.get 0) (i32.const {})) (i32.load (i32.const {}))))",
                number * 1000 + function,
                function * 4,
            )
        })
        .collect();
    format!("{}{ballast})", ECHO.strip_suffix(')').unwrap_or(ECHO))
}
