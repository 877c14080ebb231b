//! Components that send requests of their own.

use super::component;

const OUTGOING: &str = r#"
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-request" (func $ask (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-scheme" (func $set_scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-authority" (func $set_authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-path-with-query" (func $set_path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.0" "handle" (func $send (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.subscribe" (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.status" (func $status (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.consume" (func $response_consume (param i32 i32)))
"#;

/// Sends a request to a server and answers with that server's answer; if there is none, with status 599 and the number of
/// the error (as the interface lists them) as a byte. `https` or plain.
pub fn fetches(authority: &str, path: &str, https: bool) -> Vec<u8> {
    let (length, path_at, path_length) = (authority.len(), 1024 + authority.len(), path.len());
    component(
        OUTGOING,
        &format!("{authority}{path}"),
        &format!(
            "(local.set $count (call $ask (call $fields)))
             (drop (call $set_scheme (local.get $count) (i32.const 1) (i32.const {}) (i32.const 0) (i32.const 0)))
             (drop (call $set_authority (local.get $count) (i32.const 1) (i32.const 1024) (i32.const {length})))
             (drop (call $set_path (local.get $count) (i32.const 1) (i32.const {path_at}) (i32.const {path_length})))
             (call $send (local.get $count) (i32.const 0) (i32.const 0) (i32.const 128))
             (if (i32.load8_u (i32.const 128))
               (then
                 (i32.store8 (i32.const 512) (i32.load8_u (i32.const 136)))
                 (call $answer (local.get $out) (i32.const 599) (i32.const 512) (i32.const 1)) (return)))
             (local.set $source (i32.load (i32.const 136)))
             (call $block (call $subscribe (local.get $source)))
             (call $get (local.get $source) (i32.const 128))
             ;; some, of what may be got once, of an answer or an error: tags at 128, 136, 144; then the thing at 152
             (if (i32.load8_u (i32.const 144))
               (then
                 (i32.store8 (i32.const 512) (i32.load8_u (i32.const 152)))
                 (call $answer (local.get $out) (i32.const 599) (i32.const 512) (i32.const 1)) (return)))
             (local.set $source (i32.load (i32.const 152)))
             (local.set $body (call $begin (local.get $out) (call $status (local.get $source)) (call $fields)))
             (call $response_consume (local.get $source) (i32.const 16))
             (call $body_stream (i32.load (i32.const 20)) (i32.const 16))
             (local.set $source (i32.load (i32.const 20)))
             (local.set $stream (call $stream (local.get $body)))
             (call $pass (local.get $source) (local.get $stream))
             (call $finish (local.get $stream) (local.get $body))",
            i32::from(https),
        ),
    )
}

/// Sends requests until one is refused; answers with how many were taken, a byte.
pub fn asks_without_end(authority: &str) -> Vec<u8> {
    let length = authority.len();
    component(
        OUTGOING,
        &format!("{authority}/never"),
        &format!(
            "(loop $more
               (local.set $source (call $ask (call $fields)))
               (drop (call $set_scheme (local.get $source) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
               (drop (call $set_authority (local.get $source) (i32.const 1) (i32.const 1024) (i32.const {length})))
               (drop (call $set_path (local.get $source) (i32.const 1) (i32.const {}) (i32.const 6)))
               (call $send (local.get $source) (i32.const 0) (i32.const 0) (i32.const 128))
               (if (i32.eqz (i32.load8_u (i32.const 128)))
                 (then (local.set $count (i32.add (local.get $count) (i32.const 1))) (br $more))))
             (i32.store8 (i32.const 512) (local.get $count))
             (call $answer (local.get $out) (i32.const 200) (i32.const 512) (i32.const 1))",
            1024 + length,
        ),
    )
}
