//! What a command prints: fields and tables for people, one JSON document for programs; notes on the way go to stderr.

use crate::error::CliError;
use serde::Serialize;
use serde_json::{json, Value};
use std::io::Write;

/// Where and how to print.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// JSON for programs instead of text for people.
    pub json: bool,
}

/// Named values, one below the other.
#[derive(Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Adds a value.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// Adds a value if there is one.
    pub fn maybe(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn lines(&self) -> Vec<String> {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        self.0.iter().map(|(name, value)| format!("{name:width$}  {value}").trim_end().to_owned()).collect()
    }
}

impl Output {
    /// One thing.
    pub fn fields(&self, json: impl Serialize, fields: Fields) {
        self.show(json, &fields.lines());
    }

    /// Several things of a kind.
    pub fn table(&self, json: impl Serialize, header: &[&str], rows: &[Vec<String>]) {
        self.show(json, &table(header, rows));
    }

    /// One thing and several things that belong to it.
    pub fn fields_and_table(&self, json: impl Serialize, fields: Fields, header: &[&str], rows: &[Vec<String>]) {
        let mut lines = fields.lines();
        if !rows.is_empty() {
            lines.push(String::new());
            lines.extend(table(header, rows));
        }
        self.show(json, &lines);
    }

    /// What goes on while it takes its time. Not for programs.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.json {
            eprintln!("{}", text.as_ref());
        }
    }

    /// Bytes as they are.
    pub fn bytes(&self, bytes: &[u8]) {
        // A reader that has gone away, as in `grid … | head`, is nobody's fault.
        let _ = std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush());
    }

    /// Why the command failed.
    pub fn error(&self, error: &CliError) {
        if self.json {
            let CliError { code, message, hint, .. } = error;
            eprintln!("{}", json!({ "error": { "code": code, "message": message, "hint": hint } }));
            return;
        }
        eprintln!("error: {} [{}]", error.message, error.code);
        if !error.hint.is_empty() {
            eprintln!("hint:  {}", error.hint);
        }
    }

    fn show(&self, json: impl Serialize, lines: &[String]) {
        let text = match self.json {
            true => serde_json::to_value(json)
                .and_then(|value| serde_json::to_string_pretty(&value))
                .unwrap_or_else(|error| Value::from(format!("cannot be written as JSON: {error}")).to_string()),
            false => lines.join("\n"),
        };
        self.bytes(format!("{text}\n").as_bytes());
    }
}

/// Rows under their header, columns aligned.
fn table(header: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([header[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..header.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<_> = cells.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    [line(header.to_vec())].into_iter().chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["1".into(), "höhle".into(), "x".into()], vec!["10".into(), "a".into(), String::new()]];
        assert_eq!(table(&["ID", "NAME", "Z"], &rows), ["ID  NAME   Z", "1   höhle  x", "10  a"]);
    }

    #[test]
    fn names_of_fields_are_aligned() {
        let fields = Fields::default().with("id", 1).maybe("nothing", None::<u8>).with("address", "x");
        assert_eq!(fields.lines(), ["id       1", "address  x"]);
    }
}
