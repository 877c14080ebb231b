//! Components that fail or never end.

use super::component;

/// Writes without end, also when nobody reads any more.
pub fn floods() -> Vec<u8> {
    component(
        "",
        "",
        "(local.set $body (call $begin (local.get $out) (i32.const 200) (call $fields)))
         (local.set $stream (call $stream (local.get $body)))
         (loop $more (drop (call $write (local.get $stream) (i32.const 1024) (i32.const 4096))) (br $more))",
    )
}

/// Logs without end.
pub fn logs_without_end() -> Vec<u8> {
    component(
        "",
        "",
        "(local.set $stream (call $stderr))
         (loop $more (drop (call $write (local.get $stream) (i32.const 1024) (i32.const 4096))) (br $more))",
    )
}

/// Computes without end and never answers.
pub fn spins() -> Vec<u8> {
    component("", "", "(loop $again (br $again))")
}

/// Answers, and computes without end afterwards.
pub fn answers_and_spins() -> Vec<u8> {
    component(
        "",
        "done",
        "(call $answer (local.get $out) (i32.const 200) (i32.const 1024) (i32.const 4)) (loop $again (br $again))",
    )
}

/// Ends without an answer.
pub fn says_nothing() -> Vec<u8> {
    component("", "", "")
}

/// Traps before it has answered.
pub fn traps() -> Vec<u8> {
    component("", "", "unreachable")
}

/// Sends a part of an answer and traps.
pub fn traps_halfway() -> Vec<u8> {
    component(
        "",
        "half",
        "(local.set $body (call $begin (local.get $out) (i32.const 200) (call $fields)))
         (local.set $stream (call $stream (local.get $body)))
         (drop (call $write (local.get $stream) (i32.const 1024) (i32.const 4)))
         (call $sleep (i64.const 50))
         unreachable",
    )
}

/// Takes memory until it gets none, then traps.
pub fn devours() -> Vec<u8> {
    component("", "", "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable")
}

/// Makes headers without end, which are the host's memory.
pub fn hoards() -> Vec<u8> {
    component("", "", "(loop $more (drop (call $fields)) (br $more))")
}

/// Fills one set of headers without end.
pub fn fills_headers() -> Vec<u8> {
    component(
        "",
        "name",
        "(local.set $source (call $fields))
         (memory.fill (i32.const 2048) (i32.const 97) (i32.const 60000))
         (loop $more
           (call $append (local.get $source) (i32.const 1024) (i32.const 4) (i32.const 2048) (i32.const 60000) (i32.const 16))
           (br $more))",
    )
}
