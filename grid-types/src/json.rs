//! Strict JSON: what is hashed and signed must read the same in every language.
//!
//! Refused, before anything is hashed: duplicate keys, floats (also `1.0`, `1e3` and `-0`), integers of 2^53 or more in
//! either direction, lone surrogates, nesting deeper than [`MAX_DEPTH`]. Larger integers travel as decimal strings.
//!
//! The reader is our own because a hash must not depend on which features of `serde_json` some other crate in the build
//! switches on (`arbitrary_precision` changes how numbers are read).

use serde_json::{Map, Value};

/// The largest absolute value of an integer: what every language's numbers hold exactly.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// The deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 32;
/// What the keys begin with that `serde_json` uses between its own parts.
const RESERVED: &str = "$serde_json::";

/// Why a text was refused. `at` is the byte where reading stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON at all.
    #[error("not JSON: {expected} expected at byte {at}")]
    Syntax {
        /// Where.
        at: usize,
        /// What should have been there.
        expected: &'static str,
    },
    /// The text is not UTF-8.
    #[error("not JSON: byte {at} is not UTF-8")]
    NotUtf8 {
        /// Where.
        at: usize,
    },
    /// An object names one key twice, so that readers would disagree about its value.
    #[error("key {key:?} is given twice in one object (at byte {at}); remove one of them")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where the second one ends.
        at: usize,
    },
    /// A key that `serde_json` takes for one of its own marks, so that an object would be read as a number.
    #[error("key {key:?} is reserved (at byte {at})")]
    ReservedKey {
        /// The key.
        key: String,
        /// Where it ends.
        at: usize,
    },
    /// A number with a fraction or an exponent, or `-0`.
    #[error("the number at byte {at} is not a plain integer; floats and exponents are not allowed")]
    NotAnInteger {
        /// Where.
        at: usize,
    },
    /// An integer that not every language can hold.
    #[error("the integer at byte {at} is 2^53 or more; write it as a decimal string where the schema allows one")]
    IntegerTooLarge {
        /// Where.
        at: usize,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels at byte {at}")]
    TooDeep {
        /// Where.
        at: usize,
    },
}

impl JsonError {
    /// The stable machine code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } | Self::NotUtf8 { .. } => "not_json",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::ReservedKey { .. } => "reserved_key",
            Self::NotAnInteger { .. } => "not_an_integer",
            Self::IntegerTooLarge { .. } => "integer_too_large",
            Self::TooDeep { .. } => "too_deep",
        }
    }
}

/// Reads one JSON text by the rules above; nothing may follow it but white space.
pub fn parse(text: &[u8]) -> Result<Value, JsonError> {
    let text = core::str::from_utf8(text).map_err(|error| JsonError::NotUtf8 { at: error.valid_up_to() })?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip_space();
    if reader.at < text.len() {
        return reader.syntax("the end of the text");
    }
    Ok(value)
}

/// The canonical text (RFC 8785) of a value that [`parse`] accepts.
///
/// Integers beyond [`MAX_INTEGER`] in a value built by hand would be rounded: callers check those first.
pub fn canonical(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).expect("a JSON value has string keys and finite numbers; qed")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => self.syntax("a value"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.open(depth)?;
        let mut object = Map::new();
        if self.next_is(b'}') {
            return Ok(Value::Object(object));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return self.syntax("a key in quotes");
            }
            let key = self.string()?;
            if object.contains_key(&key) {
                return Err(JsonError::DuplicateKey { key, at: self.at });
            }
            if key.starts_with(RESERVED) {
                return Err(JsonError::ReservedKey { key, at: self.at });
            }
            self.expect(b':', "a colon")?;
            let value = self.value(depth + 1)?;
            object.insert(key, value);
            if self.next_is(b'}') {
                return Ok(Value::Object(object));
            }
            self.expect(b',', "a comma or a closing brace")?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.open(depth)?;
        let mut items = Vec::new();
        if self.next_is(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.next_is(b']') {
                return Ok(Value::Array(items));
            }
            self.expect(b',', "a comma or a closing bracket")?;
        }
    }

    /// Steps over the opening bracket or brace, bounding the recursion.
    fn open(&mut self, depth: usize) -> Result<(), JsonError> {
        if depth >= MAX_DEPTH {
            return Err(JsonError::TooDeep { at: self.at });
        }
        self.at += 1;
        Ok(())
    }

    fn integer(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        if negative {
            self.at += 1;
        }
        let digits_from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = &self.text[digits_from..self.at];
        if digits.is_empty() {
            return self.syntax("a digit");
        }
        if digits.len() > 1 && digits.starts_with('0') {
            self.at = digits_from;
            return self.syntax("a number without leading zeros");
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) || (negative && digits == "0") {
            return Err(JsonError::NotAnInteger { at: start });
        }
        match digits.parse::<u64>() {
            Ok(size @ 0..=MAX_INTEGER) if negative => Ok(Value::from(-(size as i64))),
            Ok(size @ 0..=MAX_INTEGER) => Ok(Value::from(size)),
            _ => Err(JsonError::IntegerTooLarge { at: start }),
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut out = String::new();
        let mut plain_from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    out.push_str(&self.text[plain_from..self.at]);
                    self.at += 1;
                    return Ok(out);
                },
                Some(b'\\') => {
                    out.push_str(&self.text[plain_from..self.at]);
                    self.at += 1;
                    out.push(self.escaped()?);
                    plain_from = self.at;
                },
                Some(0x20..) => self.at += 1,
                _ => return self.syntax("a closing quote before any control character"),
            }
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Result<char, JsonError> {
        let Some(kind) = self.peek() else { return self.syntax("an escaped character") };
        let plain = match kind {
            b'"' | b'\\' | b'/' => char::from(kind),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return self.syntax("one of \" \\ / b f n r t u"),
        };
        self.at += 1;
        Ok(plain)
    }

    /// `uXXXX`, or two of them that make a pair.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hex_unit()?;
        let code = match first {
            0xd800..=0xdbff => {
                if !self.text[self.at..].starts_with("\\u") {
                    return self.syntax("the second half of a surrogate pair");
                }
                self.at += 1;
                let second = self.hex_unit()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return self.syntax("the second half of a surrogate pair");
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            },
            unit => unit,
        };
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => self.syntax("a surrogate pair, not its second half alone"),
        }
    }

    fn hex_unit(&mut self) -> Result<u32, JsonError> {
        let from = self.at + 1;
        let digits = self.text.as_bytes().get(from..from + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let Some(digits) = digits else { return self.syntax("four hexadecimal digits") };
        self.at = from + 4;
        Ok(digits.iter().fold(0, |unit, digit| unit * 16 + char::from(*digit).to_digit(16).unwrap_or(0)))
    }

    fn literal(&mut self, word: &'static str, value: Value) -> Result<Value, JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return self.syntax("true, false or null");
        }
        self.at += word.len();
        Ok(value)
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.next_is(byte) {
            return Ok(());
        }
        self.syntax(expected)
    }

    /// Skips white space and, if `byte` comes next, steps over it.
    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn syntax<T>(&self, expected: &'static str) -> Result<T, JsonError> {
        Err(JsonError::Syntax { at: self.at, expected })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> &'static str {
        parse(text.as_bytes()).unwrap_err().code()
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth_and_however_written() {
        assert_eq!(code(r#"{"a":1,"a":1}"#), "duplicate_key");
        assert_eq!(code(r#"[{"x":{"a":1,"\u0061":2}}]"#), "duplicate_key");
    }

    #[test]
    fn an_object_cannot_pass_for_a_number() {
        assert_eq!(code(r#"{"$serde_json::private::Number":"1"}"#), "reserved_key");
        assert_eq!(code(r#"{"$serde_json::private::RawValue":"1"}"#), "reserved_key");
    }

    #[test]
    fn floats_are_refused_however_written() {
        for text in ["1.0", "1e3", "1E3", "-0", "0.5", "-1.5", "1e999", "-0.0"] {
            assert_eq!(code(text), "not_an_integer", "{text}");
        }
    }

    #[test]
    fn integers_end_below_two_to_the_53() {
        assert_eq!(parse(b"9007199254740991").unwrap(), Value::from(MAX_INTEGER));
        assert_eq!(parse(b"-9007199254740991").unwrap(), Value::from(-(MAX_INTEGER as i64)));
        for text in ["9007199254740992", "-9007199254740992", "18446744073709551616", &"9".repeat(400)] {
            assert_eq!(code(text), "integer_too_large", "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert_eq!(code(&nested(MAX_DEPTH + 1)), "too_deep");
        assert_eq!(code(&"[".repeat(1_000_000)), "too_deep");
        assert_eq!(code(&"{\"a\":".repeat(1_000_000)), "too_deep");
    }

    #[test]
    fn broken_text_is_not_json() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "01",
            "-",
            "+1",
            "tru",
            "\"a",
            "\"\\x\"",
            "\"\n\"",
            "1 2",
            "\u{feff}1",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"\\u12g4\"",
            "\"\\u12",
            "\"\\",
            "NaN",
            "'a'",
            "[1 2]",
            "{\"a\" 1}",
        ] {
            assert_eq!(code(text), "not_json", "{text:?}");
        }
        assert_eq!(parse(b"\"\xff\"").unwrap_err(), JsonError::NotUtf8 { at: 1 });
    }

    #[test]
    fn escapes_mean_what_they_say() {
        assert_eq!(parse(br#""\u0041\n\/\ud83d\ude00\u00e9\b\f\r\t\"\\""#).unwrap(), "A\n/😀é\u{8}\u{c}\r\t\"\\");
    }

    #[test]
    fn canonical_text_sorts_by_utf16_and_escapes_least() {
        let value =
            parse("{\"\u{e9}\":1,\"\u{10000}\":2,\"\u{ffff}\":3,\"a/b\":\"\\u000a\\u001f\"}".as_bytes()).unwrap();
        assert_eq!(canonical(&value), "{\"a/b\":\"\\n\\u001f\",\"\u{e9}\":1,\"\u{10000}\":2,\"\u{ffff}\":3}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let limit = MAX_INTEGER as i64;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-limit..=limit).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back_what_was_written(value in any_value()) {
            let plain = serde_json::to_string(&value).unwrap();
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(&parse(plain.as_bytes()).unwrap(), &value);
            prop_assert_eq!(&parse(pretty.as_bytes()).unwrap(), &value);
            prop_assert_eq!(&parse(canonical(&value).as_bytes()).unwrap(), &value);
        }

        #[test]
        fn accepts_no_more_than_serde_json(text in r#"[\[\]{}",:0-9a-fetru\\ .-]{0,24}"#) {
            if let Ok(value) = parse(text.as_bytes()) {
                prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            }
        }

        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
