//! Modules that are made from text: no compiler for another target is needed.

use std::time::Duration;

/// A function that answers with `text`, whatever it is sent.
pub fn answering(text: &str) -> Vec<u8> {
    let source = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "{text}")
            (func (export "_start")
                (i32.store (i32.const 0) (i32.const 64))
                (i32.store (i32.const 4) (i32.const {}))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        text.len(),
    );
    wat::parse_str(source).expect("the text is a module")
}

/// A function that waits so long by the clock, then answers with `text`.
pub fn answering_late(text: &str, after: Duration) -> Vec<u8> {
    // One subscription to the monotonic clock: what it is, its timeout in nanoseconds.
    let source = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "{text}")
            (func (export "_start")
                (i32.store (i32.const 528) (i32.const 1))
                (i64.store (i32.const 536) (i64.const {}))
                (drop (call $poll (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 640)))
                (i32.store (i32.const 0) (i32.const 64))
                (i32.store (i32.const 4) (i32.const {}))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        after.as_nanos(),
        text.len(),
    );
    wat::parse_str(source).expect("the text is a module")
}

/// A function that begins with 2 MiB of memory.
pub fn hungry() -> Vec<u8> {
    wat::parse_str(r#"(module (memory (export "memory") 32) (func (export "_start")))"#).expect("the text is a module")
}

/// A function that writes what it is sent to its log, and answers nothing.
pub fn loud() -> Vec<u8> {
    let source = r#"(module
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 4096))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 12)))))"#;
    wat::parse_str(source).expect("the text is a module")
}
