//! Command lines that stand in the documents and in help texts: each must be one that `grid` takes.

#![allow(clippy::unwrap_used)]

use super::Cli;
use clap::{Command, CommandFactory, Parser};

const DOCUMENTS: [(&str, &str); 3] = [
    ("README.md", include_str!("../../../README.md")),
    ("docs/farmer.md", include_str!("../../../docs/farmer.md")),
    ("docs/user.md", include_str!("../../../docs/user.md")),
];

/// What a reader puts in place of `<…>`.
fn filled(line: &str) -> String {
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, (wish, after))) =
        rest.split_once('<').and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
    {
        let value = match wish {
            wish if wish.to_lowercase().ends_with("account") => "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX",
            wish if wish.ends_with("number") => "7",
            _ => "192.0.2.7",
        };
        filled.extend([before, value]);
        rest = after;
    }
    filled + rest
}

/// The commands of a shell's line that are `grid`'s. What is behind `>` is the shell's.
fn commands(line: &str) -> Vec<Vec<String>> {
    let words = shlex::split(&filled(line)).unwrap_or_else(|| panic!("no shell reads this: {line}"));
    let commands = words.split(|word| word == "&&").map(|command| command.split(|word| word == ">").next().unwrap());
    commands.filter(|command| command.first().is_some_and(|word| word == "grid")).map(<[String]>::to_vec).collect()
}

fn assert_taken(place: &str, line: &str) -> usize {
    let commands = commands(line);
    for command in &commands {
        // Help is an answer as well.
        let refused = Cli::try_parse_from(command).err().filter(clap::Error::use_stderr);
        assert!(refused.is_none(), "{place}: {line}\n{}", refused.unwrap());
    }
    commands.len()
}

#[test]
fn grid_takes_every_command_line_of_the_documents() {
    let mut count = 0;
    for (place, text) in DOCUMENTS {
        let text = text.replace("\\\n", " ");
        let in_blocks = text.split("```").skip(1).step_by(2).flat_map(str::lines);
        count += in_blocks.filter(|line| line.contains("grid ")).map(|line| assert_taken(place, line)).sum::<usize>();
    }
    assert!(count > 60, "{count}");
}

/// The examples of a command's help and of those below it.
fn examples(command: &Command, found: &mut Vec<String>) {
    let help = [command.get_after_help(), command.get_after_long_help()];
    for line in help.into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>().iter().flat_map(|it| it.lines())
    {
        let example = match line.split_once(": grid ") {
            Some((before, rest)) if before.starts_with("Example") => Some(format!("grid {rest}")),
            _ => {
                line.strip_prefix("  ").map(str::trim_start).filter(|line| line.starts_with("grid ")).map(str::to_owned)
            },
        };
        // What it is for is set off by some space.
        found.extend(example.map(|example| example.split("  ").next().unwrap_or_default().to_owned()));
    }
    command.get_subcommands().for_each(|command| examples(command, found));
}

#[test]
fn grid_takes_every_example_of_its_help() {
    let mut found = Vec::new();
    examples(&Cli::command(), &mut found);
    assert!(found.len() > 30, "{found:?}");
    found.iter().for_each(|line| assert_eq!(assert_taken("help", line), 1, "{line}"));
}
