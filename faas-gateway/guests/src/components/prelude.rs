//! Imports and helpers that all components have.

/// What they import. Addresses below 512 are for results of imports, texts begin at 1024.
pub(super) const PRELUDE: &str = r#"
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code" (func $set_status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $response_body (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $body_write (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]outgoing-body.finish" (func $body_finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.method" (func $method (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-body.stream" (func $body_stream (param i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush" (func $stream_write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-splice" (func $splice (param i32 i32 i64 i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $drop_output (param i32)))
  (import "wasi:clocks/monotonic-clock@0.2.0" "subscribe-duration" (func $after (param i64) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:cli/stderr@0.2.0" "get-stderr" (func $stderr (result i32)))
"#;

/// What they are made of.
pub(super) const HELPERS: &str = r#"
  (global $free (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (block $enough
      (loop $more
        (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
        unreachable))
    (local.get $at))
  ;; Begins the answer; gives its body.
  (func $begin (param $out i32) (param $status i32) (param $headers i32) (result i32) (local $answer i32)
    (local.set $answer (call $response (local.get $headers)))
    (drop (call $set_status (local.get $answer) (local.get $status)))
    (call $response_body (local.get $answer) (i32.const 16))
    (call $set (local.get $out) (i32.const 0) (local.get $answer) (i32.const 0) (i64.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.load (i32.const 20)))
  (func $stream (param $body i32) (result i32)
    (call $body_write (local.get $body) (i32.const 16))
    (i32.load (i32.const 20)))
  ;; Writes and flushes; gives 0 while the stream is open.
  (func $write (param $stream i32) (param $at i32) (param $length i32) (result i32)
    (call $stream_write (local.get $stream) (local.get $at) (local.get $length) (i32.const 16))
    (i32.load8_u (i32.const 16)))
  (func $finish (param $stream i32) (param $body i32)
    (call $drop_output (local.get $stream))
    (call $body_finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 64)))
  ;; Passes on all that comes.
  (func $pass (param $source i32) (param $stream i32)
    (block $end
      (loop $more
        (call $splice (local.get $stream) (local.get $source) (i64.const 65536) (i32.const 16))
        (br_if $end (i32.load8_u (i32.const 16)))
        (br $more))))
  ;; Answers with what lies there.
  (func $answer (param $out i32) (param $status i32) (param $at i32) (param $length i32)
    (local $body i32) (local $stream i32)
    (local.set $body (call $begin (local.get $out) (local.get $status) (call $fields)))
    (local.set $stream (call $stream (local.get $body)))
    (drop (call $write (local.get $stream) (local.get $at) (local.get $length)))
    (call $finish (local.get $stream) (local.get $body)))
  (func $sleep (param $millis i64)
    (call $block (call $after (i64.mul (local.get $millis) (i64.const 1000000)))))
"#;
