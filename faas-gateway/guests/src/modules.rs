//! WASI preview 1 commands.

/// Imports of WASI preview 1 that the modules below use.
const IMPORTS: &str = r#"
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
"#;

/// A command: memory of `pages`, text at address 1024, `$write` (file, address, length), and a main body.
fn command(pages: u32, text: &str, main: &str) -> String {
    command_with("", pages, text, main)
}

/// A command with variables of its own.
fn command_with(globals: &str, pages: u32, text: &str, main: &str) -> String {
    format!(
        r#"(module {IMPORTS} {globals}
  (memory (export "memory") {pages})
  (data (i32.const 1024) "{text}")
  (func $write (param $file i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start") (local $count i32) {main}))"#
    )
}

/// Answers what it is sent.
pub fn echo() -> String {
    command(
        2,
        "",
        "(loop $more
           (i32.store (i32.const 0) (i32.const 4096))
           (i32.store (i32.const 4) (i32.const 65536))
           (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
           (local.set $count (i32.load (i32.const 8)))
           (if (local.get $count)
             (then (call $write (i32.const 1) (i32.const 4096) (local.get $count)) (br $more))))",
    )
}

/// Answers with a fixed text.
pub fn says(text: &str) -> String {
    command(1, text, &format!("(call $write (i32.const 1) (i32.const 1024) (i32.const {}))", text.len()))
}

/// Looks at all that a call might find of another one, changes it, takes all that it is sent, and answers with what it
/// found: [`UNTOUCHED`] if nobody was there before. One that looks several `times` finds its own changes. It begins with
/// one page and gets another one each time.
pub fn changes_itself(times: usize) -> String {
    command_with(
        KEPT,
        1,
        "0",
        &format!(
            "{}
             (loop $more
               (i32.store (i32.const 0) (i32.const 4096))
               (i32.store (i32.const 4) (i32.const 32768))
               (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
               (br_if $more (i32.load (i32.const 8))))
             (call $write (i32.const 1) (i32.const 512) (i32.const 4))",
            finds_and_changes(1).repeat(times)
        ),
    )
}

/// What a guest that changes itself finds in an instance that nobody had before.
pub const UNTOUCHED: &str = "0000";

/// A variable for [`finds_and_changes`].
pub(crate) const KEPT: &str = "(global $kept (mut i32) (i32.const 48))";

/// What a guest written with so many pages finds, as four digits from address 512 on: the byte at 1024, which must be
/// written as `0`, a variable, the pages it has besides, and the first byte of one more page that it gets. Leaves each
/// one larger.
pub(crate) fn finds_and_changes(pages: u32) -> String {
    let (end, digit) = (pages * 65536, 48 - i64::from(pages));
    format!(
        "(i32.store8 (i32.const 512) (i32.load8_u (i32.const 1024)))
         (i32.store8 (i32.const 513) (global.get $kept))
         (i32.store8 (i32.const 514) (i32.add (memory.size) (i32.const {digit})))
         (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
         (i32.store8 (i32.const 515) (i32.add (i32.load8_u (i32.const {end})) (i32.const 48)))
         (i32.store8 (i32.const 1024) (i32.add (i32.load8_u (i32.const 1024)) (i32.const 1)))
         (global.set $kept (i32.add (global.get $kept) (i32.const 1)))
         (i32.store8 (i32.const {end}) (i32.add (i32.load8_u (i32.const {end})) (i32.const 1)))"
    )
}

/// Writes a fixed text to standard error.
pub fn complains(text: &str) -> String {
    command(1, text, &format!("(call $write (i32.const 2) (i32.const 1024) (i32.const {}))", text.len()))
}

/// Writes these lines to standard error.
pub fn complains_often(lines: &[&str]) -> String {
    let bytes = lines.join("\n").len();
    let text = lines.join("\\0a");
    command(1, &text, &format!("(call $write (i32.const 2) (i32.const 1024) (i32.const {bytes}))"))
}

/// Answers with its environment, each variable ended by a NUL.
pub fn environment() -> String {
    command(
        4,
        "",
        "(drop (call $environ_sizes_get (i32.const 16) (i32.const 20)))
         (drop (call $environ_get (i32.const 4096) (i32.const 131072)))
         (call $write (i32.const 1) (i32.const 131072) (i32.load (i32.const 20)))",
    )
}

/// Answers with its arguments, each ended by a NUL.
pub fn arguments() -> String {
    command(
        4,
        "",
        "(drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
         (drop (call $args_get (i32.const 4096) (i32.const 131072)))
         (call $write (i32.const 1) (i32.const 131072) (i32.load (i32.const 20)))",
    )
}

/// Computes without end.
pub fn spins() -> String {
    command(1, "", "(loop $again (br $again))")
}

/// Does not even get to its beginning: loops while it is started.
pub fn spins_while_starting() -> String {
    r#"(module (func $init (loop $again (br $again))) (func (export "_start")) (start $init))"#.to_owned()
}

/// Calls itself without end.
pub fn recurses() -> String {
    r#"(module (func $deeper (export "_start") (call $deeper) (call $deeper)))"#.to_owned()
}

/// Waits for an hour in the host.
pub fn sleeps() -> String {
    waits(1, 3_600_000)
}

/// Waits with this much memory.
pub fn waits(pages: u32, millis: u64) -> String {
    // One subscription to the monotonic clock: userdata, tag, id, timeout, precision, flags.
    command(
        pages,
        "",
        &format!(
            "(i32.store (i32.const 528) (i32.const 1))
             (i64.store (i32.const 536) (i64.const {}))
             (drop (call $poll_oneoff (i32.const 512) (i32.const 600) (i32.const 1) (i32.const 640)))",
            millis * 1_000_000
        ),
    )
}

/// Takes memory until it gets none, then traps as an allocator without memory does.
pub fn devours() -> String {
    command(1, "", "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable")
}

/// Takes memory until it gets none, and goes on without.
pub fn makes_do() -> String {
    command(
        1,
        "enough",
        "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
         (call $write (i32.const 1) (i32.const 1024) (i32.const 6))",
    )
}

pub fn traps() -> String {
    command(1, "before", "(call $write (i32.const 1) (i32.const 1024) (i32.const 6)) unreachable")
}

/// Explains itself and exits with status 3.
pub fn fails() -> String {
    command(
        1,
        "no such value",
        "(call $write (i32.const 1) (i32.const 1024) (i32.const 13)) (call $proc_exit (i32.const 3))",
    )
}

/// Writes without end.
pub fn floods() -> String {
    command(1, "", "(loop $again (call $write (i32.const 1) (i32.const 4096) (i32.const 32768)) (br $again))")
}

/// Writes this many bytes.
pub fn writes(bytes: u32) -> String {
    command(bytes / 65536 + 2, "", &format!("(call $write (i32.const 1) (i32.const 4096) (i32.const {bytes}))"))
}

/// Exits with what the host says about the first folder it might have been given.
pub fn looks_for_folders() -> String {
    command(1, "", "(call $proc_exit (call $fd_prestat_get (i32.const 3) (i32.const 16)))")
}

/// Answers with a file below a folder it was given, or exits with what the host says about opening it. `create` asks for
/// a new file to write into.
fn opens(folder: u32, path: &str, create: bool) -> String {
    // O_CREAT and the right to write; else only the right to read. Links are followed.
    let (flags, rights) = if create { (1, 64) } else { (0, 2) };
    command(
        2,
        path,
        &format!(
            "(local.set $count (call $path_open (i32.const {folder}) (i32.const 1) (i32.const 1024) (i32.const {})
               (i32.const {flags}) (i64.const {rights}) (i64.const 0) (i32.const 0) (i32.const 16)))
             (if (local.get $count) (then (call $proc_exit (local.get $count))))
             (i32.store (i32.const 0) (i32.const 4096))
             (i32.store (i32.const 4) (i32.const 65536))
             (drop (call $fd_read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))
             (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 8)))",
            path.len()
        ),
    )
}

/// Answers with a file of its first folder.
pub fn reads(path: &str) -> String {
    reads_below(3, path)
}

/// Answers with a file below what it takes for a folder.
pub fn reads_below(folder: u32, path: &str) -> String {
    opens(folder, path, false)
}

/// Tries to make a file in its first folder.
pub fn creates(path: &str) -> String {
    opens(3, path, true)
}

/// Answers with the entries of its first folder as the host writes them: names between other bytes.
pub fn lists_its_folder() -> String {
    command(
        2,
        "",
        "(drop (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 65536) (i64.const 0) (i32.const 16)))
         (call $write (i32.const 1) (i32.const 4096) (i32.load (i32.const 16)))",
    )
}

/// Writes to standard error without end.
pub fn complains_without_end() -> String {
    command(1, "", "(loop $again (call $write (i32.const 2) (i32.const 4096) (i32.const 32768)) (br $again))")
}
