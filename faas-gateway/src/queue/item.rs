//! What is kept of a call that waits, apart from its body.

use crate::names::Key;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::{de::IgnoredAny, Deserialize, Serialize};

/// A call that was accepted and has not been brought to its end. No `Debug`: headers can hold a caller's credentials.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub namespace: String,
    pub name: String,
    /// The function's `created_at`: one of that name that is deployed later is another, with other callers.
    pub created_at: u64,
    /// Path and query as they were sent, below `/function/`.
    pub uri: String,
    pub headers: Headers,
    pub call_id: String,
    pub callback: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub queued_at: u64,
    /// Not to be tried before this, in milliseconds since the Unix epoch.
    pub due: u64,
    pub stage: Stage,
}

/// How far it is.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// To be called; the body is the request's.
    Call { attempts: u32 },
    /// Called; the body is the answer's, for the callback.
    Callback { attempts: u32, answer: Answer },
}

/// The head of a function's answer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Headers,
    /// Running time in seconds, as text.
    pub seconds: String,
}

/// What is held in memory of an item that waits. A full queue has ten thousand, each with heads as long as may be.
#[derive(Deserialize)]
pub(super) struct Brief {
    namespace: String,
    name: String,
    pub due: u64,
    pub stage: BriefStage,
}

/// How far it is, and no more.
#[derive(Deserialize)]
pub(super) enum BriefStage {
    Call(IgnoredAny),
    Callback(IgnoredAny),
}

impl Brief {
    pub fn key(&self) -> Key<'_> {
        Key { namespace: &self.namespace, name: &self.name }
    }
}

impl Item {
    pub fn key(&self) -> Key<'_> {
        Key { namespace: &self.namespace, name: &self.name }
    }
}

/// Headers as they can be stored: values need not be UTF-8, so each byte is a character.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Headers(Vec<(String, String)>);

impl From<&HeaderMap> for Headers {
    fn from(headers: &HeaderMap) -> Self {
        let text = |value: &HeaderValue| value.as_bytes().iter().copied().map(char::from).collect();
        Self(headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect())
    }
}

impl From<&Headers> for HeaderMap {
    fn from(Headers(headers): &Headers) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let bytes: Vec<u8> = value.chars().filter_map(|c| u8::try_from(c).ok()).collect();
            // What was a header when it was stored is one now.
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(&bytes)) {
                map.append(name, value);
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_as_they_were() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_static("one"));
        headers.append("x-a", HeaderValue::from_static("two"));
        headers.append("x-b", HeaderValue::from_bytes(b"\xff\xe4 bytes").expect("a value"));
        let stored = serde_json::to_vec(&Headers::from(&headers)).expect("written");
        let read: Headers = serde_json::from_slice(&stored).expect("read");
        assert_eq!(HeaderMap::from(&read), headers);
    }
}
