//! `wasi:http` components, their code as text: core modules around which the component is made here.

use wit_component::{embed_component_metadata, ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

const WIT: &str = include_str!("function.wit");

/// Imports and helpers of all of them. Addresses below 512 are for results of imports, texts begin at 1024.
const PRELUDE: &str = r#"
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

const HELPERS: &str = r#"
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

/// A component: further imports, the text at address 1024, and what it does with `$request` and `$out`.
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
    let mut module = wat::parse_str(core).unwrap();
    let mut resolve = Resolve::default();
    let package = resolve.push_str("function.wit", WIT).unwrap();
    let world = resolve.select_world(package, Some("function")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

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

/// Answers with the number of folders it was given.
pub fn counts_folders() -> Vec<u8> {
    component(
        r#"(import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $folders (param i32)))"#,
        "",
        "(call $folders (i32.const 32))
         (i32.store8 (i32.const 1024) (i32.add (i32.const 48) (i32.load (i32.const 36))))
         (call $answer (local.get $out) (i32.const 200) (i32.const 1024) (i32.const 1))",
    )
}

/// Answers with a file of the first folder it was given.
pub fn reads(path: &str) -> Vec<u8> {
    answers_with_file("", path)
}

/// Begins to answer with `:`; when something of its request's body has come, goes on with a file of its first folder.
pub fn reads_when_told(path: &str) -> Vec<u8> {
    answers_with_file(
        "(i32.store8 (i32.const 512) (i32.const 58))
         (drop (call $write (local.get $stream) (i32.const 512) (i32.const 1)))
         (call $consume (local.get $request) (i32.const 16))
         (call $body_stream (i32.load (i32.const 20)) (i32.const 16))
         (call $read (i32.load (i32.const 20)) (i64.const 1) (i32.const 32))",
        path,
    )
}

fn answers_with_file(before: &str, path: &str) -> Vec<u8> {
    component(
        r#"(import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $folders (param i32)))
           (import "wasi:filesystem/types@0.2.0" "[method]descriptor.open-at"
             (func $open (param i32 i32 i32 i32 i32 i32 i32)))
           (import "wasi:filesystem/types@0.2.0" "[method]descriptor.read-via-stream" (func $contents (param i32 i64 i32)))
           (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))"#,
        path,
        &format!(
            "(local.set $body (call $begin (local.get $out) (i32.const 200) (call $fields)))
             (local.set $stream (call $stream (local.get $body)))
             {before}
             (call $folders (i32.const 32))
             ;; The list's first entry begins with the folder. Opened for reading only.
             (call $open (i32.load (i32.load (i32.const 32))) (i32.const 0) (i32.const 1024) (i32.const {}) (i32.const 0)
               (i32.const 1) (i32.const 48))
             (if (i32.load8_u (i32.const 48)) (then unreachable))
             (call $contents (i32.load (i32.const 52)) (i64.const 0) (i32.const 48))
             (if (i32.load8_u (i32.const 48)) (then unreachable))
             (call $pass (i32.load (i32.const 52)) (local.get $stream))
             (call $finish (local.get $stream) (local.get $body))",
            path.len()
        ),
    )
}

/// Tries to listen at a port of this machine; answers with what it is told: `0`, or the number of the error behind `!`.
pub fn opens_socket() -> Vec<u8> {
    component(
        r#"(import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
           (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $socket (param i32 i32)))
           (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-bind"
             (func $bind (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#,
        "0!",
        "(call $socket (i32.const 0) (i32.const 32))
         (if (i32.load8_u (i32.const 32))
           (then (i32.store8 (i32.const 40) (i32.load8_u (i32.const 36))) (i32.store8 (i32.const 41) (i32.const 1)))
           (else
             (call $bind (i32.load (i32.const 36)) (call $network) (i32.const 0) (i32.const 0) (i32.const 127) (i32.const 0)
               (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 48))
             (i32.store8 (i32.const 40) (i32.load8_u (i32.const 49)))
             (i32.store8 (i32.const 41) (i32.load8_u (i32.const 48)))))
         (if (i32.eqz (i32.load8_u (i32.const 41)))
           (then (call $answer (local.get $out) (i32.const 200) (i32.const 1024) (i32.const 1)))
           (else
             (i32.store8 (i32.const 1026) (i32.add (i32.const 48) (i32.load8_u (i32.const 40))))
             (call $answer (local.get $out) (i32.const 200) (i32.const 1025) (i32.const 2))))",
    )
}

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
