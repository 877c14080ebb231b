//! A sample function for the gateway: statistics of a list of numbers.
//!
//! Input, on standard input: `{"values":[1,2,3.5]}`. Answer, on standard output:
//! `{"count":3,"sum":6.5,"mean":2.1666666666666665,"median":2.0,"min":1.0,"max":3.5,"stddev":1.0274023338281628}`.
//! Input that is anything else: `{"error":"..."}` and exit status 1.

mod statistics;

use serde::Deserialize;
use statistics::{statistics, Statistics};
use std::{
    io::{self, Read as _},
    process::ExitCode,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    values: Vec<f64>,
}

fn main() -> ExitCode {
    let mut text = Vec::new();
    let answer = match io::stdin().read_to_end(&mut text) {
        Ok(_) => answer(&text),
        Err(error) => Err(format!("cannot read the input: {error}")),
    };
    match answer.and_then(|statistics| serde_json::to_string(&statistics).map_err(|error| error.to_string())) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        },
        Err(error) => {
            println!("{}", serde_json::json!({ "error": error }));
            ExitCode::FAILURE
        },
    }
}

fn answer(text: &[u8]) -> Result<Statistics, String> {
    let input: Input = serde_json::from_slice(text)
        .map_err(|error| format!("the input must be JSON like {{\"values\":[1,2,3.5]}}: {error}"))?;
    statistics(&input.values).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn numbers_are_summed_up() {
        let statistics = answer(br#"{"values":[1,2,3.5]}"#).expect("good input");
        assert_eq!((statistics.count, statistics.sum), (3, 6.5));
    }

    #[test]
    fn anything_else_is_explained() {
        for text in ["", "[1]", "{}", r#"{"values":["1"]}"#, r#"{"values":[1],"more":2}"#, r#"{"values":[1e999]}"#] {
            let error = answer(text.as_bytes()).expect_err(text);
            assert!(error.contains(r#"{"values":[1,2,3.5]}"#), "{error}");
        }
    }

    #[test]
    fn an_empty_list_has_no_statistics() {
        assert_eq!(
            answer(br#"{"values":[]}"#).expect_err("nothing to sum up"),
            "values is empty: there is nothing to sum up"
        );
    }
}
