//! One step of a case: as bytes for machines, as a line of text for people.
//!
//! ```text
//! [time] [signer] [wrapper] call [bytes of the arguments, hex]
//! +1m @dave in:batch_all create_contract 00ff
//! ```

use std::fmt;

use crate::{
    calls::{self, Entry},
    chain::Time,
    grid::Signer,
};

/// Bytes of a step.
pub const STEP: usize = 16;
/// Bytes of a step that choose the call's arguments.
pub const ARGUMENTS: usize = STEP - 4;

/// What happens before a call; the byte chooses by position.
pub const TIMES: [(&str, Time); 16] = [
    ("+0", Time::None),
    ("+1", Time::Blocks(1)),
    ("+2", Time::Blocks(2)),
    ("+5", Time::Blocks(5)),
    ("+1m", Time::Alive { gap: 20, blocks: 3 }),
    ("+5m", Time::Alive { gap: 60, blocks: 5 }),
    ("+1h", Time::Alive { gap: 300, blocks: 12 }),
    ("+3h", Time::Alive { gap: 300, blocks: 36 }),
    ("+1d", Time::Alive { gap: 300, blocks: 288 }),
    ("~1m", Time::Dark { gap: 20, blocks: 3 }),
    ("~5m", Time::Dark { gap: 60, blocks: 5 }),
    ("~1h", Time::Dark { gap: 300, blocks: 12 }),
    ("~3h", Time::Dark { gap: 300, blocks: 36 }),
    ("!6m", Time::Dark { gap: 360, blocks: 1 }),
    ("!3h", Time::Dark { gap: 10_800, blocks: 1 }),
    ("!9d", Time::Dark { gap: 777_600, blocks: 1 }),
];

/// Who signs; the byte chooses by position.
pub const SIGNERS: [(&str, Signer); 18] = [
    ("@fitting", Signer::Fitting),
    ("@root", Signer::Root),
    ("@council", Signer::Council),
    ("@nobody", Signer::Nobody),
    ("@alice", Signer::Account(0)),
    ("@bob", Signer::Account(1)),
    ("@charlie", Signer::Account(2)),
    ("@dave", Signer::Account(3)),
    ("@eve", Signer::Account(4)),
    ("@ferdie", Signer::Account(5)),
    ("@alice-stash", Signer::Account(6)),
    ("@bob-stash", Signer::Account(7)),
    ("@charlie-stash", Signer::Account(8)),
    ("@dave-stash", Signer::Account(9)),
    ("@eve-stash", Signer::Account(10)),
    ("@ferdie-stash", Signer::Account(11)),
    ("@one", Signer::Account(12)),
    ("@two", Signer::Account(13)),
];

/// What a call is wrapped in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrapper {
    /// Nothing.
    None,
    /// A batch of the call alone.
    BatchAll,
    /// A batch of the call twice, which goes on after errors.
    Twice,
    /// A batch of a failing call and the call, which goes on after errors.
    AfterFailure,
    /// An account that has the signer for its proxy.
    Proxy,
    /// A sub-account of the signer.
    Derivative,
    /// `sudo`.
    Sudo,
}

/// The wrappers; the byte chooses by position.
pub const WRAPPERS: [(&str, Wrapper); 7] = [
    ("in:nothing", Wrapper::None),
    ("in:batch_all", Wrapper::BatchAll),
    ("in:twice", Wrapper::Twice),
    ("in:after_failure", Wrapper::AfterFailure),
    ("in:proxy", Wrapper::Proxy),
    ("in:derivative", Wrapper::Derivative),
    ("in:sudo", Wrapper::Sudo),
];

/// A step. Any bytes are one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step(pub [u8; STEP]);

impl Step {
    /// How much time passes before the call.
    pub fn time(&self) -> Time {
        chosen(&TIMES, self.0[0]).1
    }

    /// Who signs.
    pub fn signer(&self) -> Signer {
        chosen(&SIGNERS, self.0[1]).1
    }

    /// What the call is wrapped in.
    pub fn wrapper(&self) -> Wrapper {
        chosen(&WRAPPERS, self.0[2]).1
    }

    /// The call.
    pub fn entry(&self) -> &'static Entry {
        let all = calls::all();
        &all[usize::from(self.0[3]) % all.len()]
    }

    /// What chooses the call's arguments.
    pub fn arguments(&self) -> &[u8] {
        &self.0[4..]
    }

    /// Reads a line. It says what is wrong with it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut step = [0; STEP];
        let mut words = line.split_whitespace().peekable();
        let mut choose = |place: usize, position: Option<usize>| {
            if let Some(position) = position {
                step[place] = position as u8;
                words.next();
            }
            words.peek().copied().unwrap_or_default()
        };
        let word = choose(0, None);
        let word = choose(0, position(&TIMES, word));
        let word = choose(1, position(&SIGNERS, word));
        let word = choose(2, position(&WRAPPERS, word));
        let call = calls::all().iter().position(|entry| entry.name == word);
        choose(3, Some(call.ok_or_else(|| format!("`{word}` is no time, signer, wrapper or call in `{line}`"))?));
        let arguments = words.next().unwrap_or_default();
        let arguments = hex::decode(arguments).map_err(|error| format!("{error} in `{line}`"))?;
        if arguments.len() > ARGUMENTS || words.next().is_some() {
            return Err(format!("too much in `{line}`"));
        }
        step[4..4 + arguments.len()].copy_from_slice(&arguments);
        Ok(Self(step))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [chosen(&TIMES, self.0[0]).0, chosen(&SIGNERS, self.0[1]).0, chosen(&WRAPPERS, self.0[2]).0];
        for word in words.into_iter().filter(|word| !["+0", "@fitting", "in:nothing"].contains(word)) {
            write!(f, "{word} ")?;
        }
        write!(f, "{}", self.entry().name)?;
        let used = self.arguments().iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        if used > 0 {
            write!(f, " {}", hex::encode(&self.arguments()[..used]))?;
        }
        Ok(())
    }
}

fn chosen<T: Copy>(options: &[(&'static str, T)], byte: u8) -> (&'static str, T) {
    options[usize::from(byte) % options.len()]
}

fn position<T>(options: &[(&str, T)], word: &str) -> Option<usize> {
    options.iter().position(|(name, _)| *name == word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // What a test unwraps is there, or the test fails.
mod tests {
    use super::*;

    #[test]
    fn a_line_and_its_bytes_say_the_same() {
        for line in ["create_twin", "+1m @dave in:batch_all create_contract 00ff", "!9d add_reports", "@root claim 01"]
        {
            assert_eq!(Step::parse(line).unwrap().to_string(), line);
        }
    }

    #[test]
    fn any_bytes_are_a_step() {
        for byte in 0..=u8::MAX {
            let step = Step([byte; STEP]);
            assert_eq!(Step::parse(&step.to_string()).unwrap().to_string(), step.to_string());
        }
    }

    #[test]
    fn what_is_not_a_line_is_told() {
        for line in ["", "fly", "create_twin xy", "create_twin 00 00", "@dave +1 create_twin"] {
            assert!(Step::parse(line).is_err(), "{line}");
        }
        assert!(Step::parse(&format!("create_twin {}", "00".repeat(ARGUMENTS + 1))).is_err());
    }
}
