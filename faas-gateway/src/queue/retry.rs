//! Trying again: what is tried again, how often, and when. Pure.
//!
//! A call that the gateway itself refused for lack of room (429, 503) never began, and is always tried again. What a
//! function answered is its answer, also a failure: running it again may not be harmless. Its deployment can ask for
//! that, with the annotations that OpenFaaS' queue workers read.

use crate::{
    config::AsyncLimits,
    error::ApiError,
    model::{FunctionDeployment, Map},
};
use std::time::Duration;

/// How often a call is tried that failed with one of the codes.
const ATTEMPTS: &str = "com.openfaas.retry.attempts";
/// The statuses that count as failed, with commas between them.
const CODES: &str = "com.openfaas.retry.codes";
/// The shortest and the longest time between two tries, as in `500ms` or `10s`.
const MIN_WAIT: &str = "com.openfaas.retry.min_wait";
const MAX_WAIT: &str = "com.openfaas.retry.max_wait";
/// Codes that count as failed where only attempts are named: those that may pass.
const DEFAULT_CODES: [u16; 6] = [408, 429, 500, 502, 503, 504];
/// Tries where only codes or times are named.
const DEFAULT_ATTEMPTS: u32 = 10;
/// The most a deployment may ask for.
const MAX_ATTEMPTS: u32 = 100;
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What a deployment asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retry {
    attempts: u32,
    codes: Vec<u16>,
    min_wait: Option<Duration>,
    max_wait: Option<Duration>,
}

impl Retry {
    /// Reads the annotations; `None` if there are none.
    pub fn of(deployment: &FunctionDeployment) -> Result<Option<Self>, ApiError> {
        let absent = Map::new();
        let annotations = deployment.annotations.as_ref().unwrap_or(&absent);
        if ![ATTEMPTS, CODES, MIN_WAIT, MAX_WAIT].iter().any(|key| annotations.contains_key(*key)) {
            return Ok(None);
        }
        let attempts = match annotations.get(ATTEMPTS) {
            None => DEFAULT_ATTEMPTS,
            Some(text) => text
                .parse()
                .ok()
                .filter(|attempts| (1..=MAX_ATTEMPTS).contains(attempts))
                .ok_or_else(|| invalid(ATTEMPTS, "a whole number from 1 to 100"))?,
        };
        let codes = annotations.get(CODES).map_or(Ok(DEFAULT_CODES.to_vec()), |text| codes(text))?;
        let (min_wait, max_wait) = (wait(annotations, MIN_WAIT)?, wait(annotations, MAX_WAIT)?);
        if min_wait.zip(max_wait).is_some_and(|(min, max)| min > max) {
            return Err(invalid(MIN_WAIT, "no longer than com.openfaas.retry.max_wait"));
        }
        Ok(Some(Self { attempts, codes, min_wait, max_wait }))
    }
}

fn codes(text: &str) -> Result<Vec<u16>, ApiError> {
    let code = |text: &str| text.trim().parse().ok().filter(|code| (300..=599).contains(code));
    let codes: Option<Vec<u16>> = text.split(',').map(code).collect();
    codes.ok_or_else(|| invalid(CODES, "statuses from 300 to 599 with commas between them"))
}

fn wait(annotations: &Map, key: &str) -> Result<Option<Duration>, ApiError> {
    let read = |text: &String| {
        let wait = humantime::parse_duration(text).ok();
        wait.filter(|wait| *wait <= LONGEST_WAIT).ok_or_else(|| invalid(key, "a time of at most an hour, as in 10s"))
    };
    annotations.get(key).map(read).transpose()
}

fn invalid(key: &str, what: &str) -> ApiError {
    ApiError::bad_request("invalid_retry", format!("the annotation {key} must be {what}"))
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    pub status: u16,
    /// The gateway refused it: the function was not run.
    pub refused: bool,
    /// With this one.
    pub attempts: u32,
}

/// When to try a call again; `None` if its answer stands. `random` is any number.
pub(crate) fn call_again(tried: Tried, retry: Option<&Retry>, limits: &AsyncLimits, random: u64) -> Option<Duration> {
    let asked = retry.filter(|retry| !tried.refused && retry.codes.contains(&tried.status));
    let attempts = match asked {
        Some(retry) => retry.attempts,
        None if tried.refused && matches!(tried.status, 429 | 503) => limits.attempts,
        None => return None,
    };
    let min = asked.and_then(|retry| retry.min_wait).unwrap_or(limits.min_wait);
    let max = asked.and_then(|retry| retry.max_wait).unwrap_or(limits.max_wait).max(min);
    (tried.attempts < attempts).then(|| pause(tried.attempts, min, max, random))
}

/// When to try a callback again; `None` if it shall not be. `status` is `None` if there was no answer.
pub(crate) fn callback_again(
    status: Option<u16>,
    attempts: u32,
    limits: &AsyncLimits,
    random: u64,
) -> Option<Duration> {
    let passing = status.is_none_or(|status| matches!(status, 408 | 425 | 429 | 500..=599));
    (passing && attempts < limits.attempts).then(|| pause(attempts, limits.min_wait, limits.max_wait, random))
}

/// Doubles with each try, up to `max`; then a random part of its second half, so that what failed together does not come
/// back together.
fn pause(attempts: u32, min: Duration, max: Duration, random: u64) -> Duration {
    let doubled = min.saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX));
    let half = doubled.min(max) / 2;
    let part = u32::try_from(random % 1000).unwrap_or(0);
    half + half * part / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(annotations: &[(&str, &str)]) -> Result<Option<Retry>, &'static str> {
        let annotations = annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let deployment = FunctionDeployment { annotations: Some(annotations), ..FunctionDeployment::default() };
        Retry::of(&deployment).map_err(|error| error.code)
    }

    fn limits() -> AsyncLimits {
        let (min_wait, max_wait) = (Duration::from_millis(100), Duration::from_secs(10));
        AsyncLimits { attempts: 3, min_wait, max_wait, ..AsyncLimits::default() }
    }

    fn again(status: u16, refused: bool, attempts: u32, retry: Option<&Retry>) -> bool {
        call_again(Tried { status, refused, attempts }, retry, &limits(), 7).is_some()
    }

    #[test]
    fn a_call_that_was_refused_for_lack_of_room_is_tried_again() {
        assert!(again(429, true, 1, None) && again(503, true, 2, None));
        assert!(!again(429, true, 3, None), "not without end");
        assert!(!again(404, true, 1, None) && !again(413, true, 1, None));
    }

    #[test]
    fn a_functions_own_answer_stands() {
        for status in [200, 400, 429, 500, 503, 504] {
            assert!(!again(status, false, 1, None), "{status}");
        }
    }

    #[test]
    fn a_deployment_may_ask_for_more() {
        let asked = retry(&[(ATTEMPTS, "5"), (CODES, "500, 418")]).expect("valid").expect("asked");
        assert!(again(500, false, 4, Some(&asked)) && again(418, false, 1, Some(&asked)));
        assert!(!again(500, false, 5, Some(&asked)) && !again(502, false, 1, Some(&asked)));
        let asked = retry(&[(ATTEMPTS, "2")]).expect("valid").expect("asked");
        assert!(again(500, false, 1, Some(&asked)) && !again(404, false, 1, Some(&asked)));
    }

    #[test]
    fn a_misspelt_wish_is_refused() {
        assert_eq!(retry(&[]), Ok(None));
        for (key, value) in [
            (ATTEMPTS, "0"),
            (ATTEMPTS, "many"),
            (CODES, "5xx"),
            (CODES, ""),
            (CODES, "200"),
            (MIN_WAIT, "2h"),
            (MAX_WAIT, "x"),
        ] {
            assert_eq!(retry(&[(key, value)]), Err("invalid_retry"), "{key}={value}");
        }
        assert_eq!(retry(&[(MIN_WAIT, "2s"), (MAX_WAIT, "1s")]), Err("invalid_retry"));
    }

    #[test]
    fn callbacks_are_tried_again_while_that_can_help() {
        for status in [None, Some(500), Some(503), Some(429)] {
            assert!(callback_again(status, 1, &limits(), 0).is_some(), "{status:?}");
            assert!(callback_again(status, 3, &limits(), 0).is_none(), "{status:?}");
        }
        for status in [301, 400, 401, 404, 410] {
            assert!(callback_again(Some(status), 1, &limits(), 0).is_none(), "{status}");
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread() {
        let (min, max) = (Duration::from_millis(100), Duration::from_secs(1));
        let ends = |attempts| (pause(attempts, min, max, 0).as_millis(), pause(attempts, min, max, 999).as_millis());
        assert_eq!(ends(1), (50, 99));
        assert_eq!(ends(2), (100, 199));
        assert_eq!(ends(5), (500, 999));
        assert_eq!(ends(u32::MAX), (500, 999));
    }
}
