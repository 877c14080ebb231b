//! Components that try what a host might give: folders and sockets.

use super::component;

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
