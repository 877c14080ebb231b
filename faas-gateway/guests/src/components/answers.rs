//! Components that answer as they should.

use super::component;
use crate::modules::{finds_and_changes, KEPT};

/// Answers with what it is sent, as it arrives.
pub fn echo() -> Vec<u8> {
    component(
        "",
        "",
        "(call $consume (local.get $request) (i32.const 16))
         (call $body_stream (i32.load (i32.const 20)) (i32.const 16))
         (local.set $source (i32.load (i32.const 20)))
         (local.set $body (call $begin (local.get $out) (i32.const 200) (call $fields)))
         (local.set $stream (call $stream (local.get $body)))
         (call $pass (local.get $source) (local.get $stream))
         (call $finish (local.get $stream) (local.get $body))",
    )
}

/// Answers with a status of its own, a header of its own, and a text.
pub fn says(status: u16, header: (&str, &str), text: &str) -> Vec<u8> {
    let (name, value) = header;
    let (begin, length) = (1024 + name.len() + value.len(), text.len());
    component(
        "",
        &format!("{name}{value}{text}"),
        &format!(
            "(local.set $source (call $fields))
             (call $append (local.get $source) (i32.const 1024) (i32.const {}) (i32.const {}) (i32.const {}) (i32.const 16))
             (local.set $body (call $begin (local.get $out) (i32.const {status}) (local.get $source)))
             (local.set $stream (call $stream (local.get $body)))
             (drop (call $write (local.get $stream) (i32.const {begin}) (i32.const {length})))
             (call $finish (local.get $stream) (local.get $body))",
            name.len(),
            1024 + name.len(),
            value.len(),
        ),
    )
}

/// Answers with the number of its request's verb (as the interface lists them), a byte, and the path with the query.
pub fn tells_target() -> Vec<u8> {
    component(
        "",
        "",
        "(call $method (local.get $request) (i32.const 32))
         (call $path (local.get $request) (i32.const 48))
         (local.set $body (call $begin (local.get $out) (i32.const 200) (call $fields)))
         (local.set $stream (call $stream (local.get $body)))
         (i32.store8 (i32.const 1024) (i32.add (i32.const 48) (i32.load8_u (i32.const 32))))
         (drop (call $write (local.get $stream) (i32.const 1024) (i32.const 1)))
         (drop (call $write (local.get $stream) (i32.load (i32.const 52)) (i32.load (i32.const 56))))
         (call $finish (local.get $stream) (local.get $body))",
    )
}

/// Writes a line to its log, then answers.
pub fn complains(text: &str) -> Vec<u8> {
    let length = text.len();
    component(
        "",
        text,
        &format!(
            "(drop (call $write (call $stderr) (i32.const 1024) (i32.const {length})))
             (call $answer (local.get $out) (i32.const 200) (i32.const 1024) (i32.const 0))"
        ),
    )
}

/// Answers with a first part, waits, answers with the rest.
pub fn answers_in_parts(first: &str, millis: u64, second: &str) -> Vec<u8> {
    let (one, two) = (first.len(), second.len());
    component(
        "",
        &format!("{first}{second}"),
        &format!(
            "(local.set $body (call $begin (local.get $out) (i32.const 200) (call $fields)))
             (local.set $stream (call $stream (local.get $body)))
             (drop (call $write (local.get $stream) (i32.const 1024) (i32.const {one})))
             (call $sleep (i64.const {millis}))
             (drop (call $write (local.get $stream) (i32.const {}) (i32.const {two})))
             (call $finish (local.get $stream) (local.get $body))",
            1024 + one,
        ),
    )
}

/// Waits for this long before it answers.
pub fn dawdles(millis: u64) -> Vec<u8> {
    component(
        "",
        "late",
        &format!(
            "(call $sleep (i64.const {millis}))
             (call $answer (local.get $out) (i32.const 200) (i32.const 1024) (i32.const 4))"
        ),
    )
}

/// Answers with a status of its own and a text; waits, and writes the text to its log.
pub fn answers_and_complains(status: u16, millis: u64, text: &str) -> Vec<u8> {
    let length = text.len();
    component(
        "",
        text,
        &format!(
            "(call $answer (local.get $out) (i32.const {status}) (i32.const 1024) (i32.const {length}))
             (call $sleep (i64.const {millis}))
             (drop (call $write (call $stderr) (i32.const 1024) (i32.const {length})))"
        ),
    )
}

/// Like the command of this name, with two pages to begin with.
pub fn changes_itself(times: usize) -> Vec<u8> {
    component(
        &format!(
            r#"(import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-skip" (func $skip (param i32 i64 i32))) {KEPT}"#
        ),
        "0",
        &format!(
            "{}
             (call $consume (local.get $request) (i32.const 16))
             (call $body_stream (i32.load (i32.const 20)) (i32.const 16))
             (local.set $source (i32.load (i32.const 20)))
             (loop $more
               (call $skip (local.get $source) (i64.const 32768) (i32.const 32))
               (br_if $more (i32.eqz (i32.load8_u (i32.const 32)))))
             (call $answer (local.get $out) (i32.const 200) (i32.const 512) (i32.const 4))",
            finds_and_changes(2).repeat(times)
        ),
    )
}
