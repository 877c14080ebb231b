//! Why an action failed, what that says about the next attempt, and when that is due.

use super::backoff;
use crate::{
    chain::ChainError,
    faas::FaasError,
    store::{deployments::Task, StoreError},
};
use grid_types::deployment::ModuleDigest;
use std::time::Duration;

/// The longest that one action may take. The gateway's and the chain's own limits are shorter.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// What a failure says about the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Somebody who is needed is away: no failure of the work, however often it happens.
    Waits,
    /// It failed and may work the next time.
    Fails,
    /// The same attempt would fail the same way, as far as one can tell.
    Hopeless,
}

/// Why an action failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Faas(#[from] FaasError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("its module {0} is not on this node; put it again with zos.module.put")]
    ModuleMissing(ModuleDigest),
    #[error("it took longer than {} s", PATIENCE.as_secs())]
    TimedOut,
}

impl Trouble {
    pub(super) const fn class(&self) -> Class {
        match self {
            Self::Faas(FaasError::Unavailable(_)) | Self::Chain(_) | Self::Store(_) => Class::Waits,
            Self::Faas(FaasError::Failed { .. }) | Self::TimedOut => Class::Fails,
            Self::Faas(_) | Self::ModuleMissing(_) => Class::Hopeless,
        }
    }
}

/// Notes a failed attempt: when the next one is due, and whether it counts.
pub(super) fn fail(task: &mut Task, class: Class, reason: String, now: u64, longest: u64) {
    let pause = match class {
        Class::Waits => {
            task.waits = task.waits.saturating_add(1);
            backoff::after(task.waits, longest)
        },
        Class::Fails => {
            task.tries = task.tries.saturating_add(1);
            backoff::after(task.tries, longest)
        },
        Class::Hopeless => {
            task.tries = task.tries.saturating_add(1);
            longest
        },
    };
    if class != Class::Waits {
        task.waits = 0;
    }
    task.hopeless = class == Class::Hopeless;
    task.next_try = now.saturating_add(pause);
    task.reason = reason;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_away_counts_for_no_failure_and_is_asked_again_soon() {
        let mut task = Task::default();
        for pause in [1, 2, 4, 8] {
            fail(&mut task, Class::Waits, "away".to_owned(), 100, 300);
            assert_eq!((task.tries, task.next_try), (0, 100 + pause));
        }
        fail(&mut task, Class::Fails, "broken".to_owned(), 100, 300);
        assert_eq!((task.tries, task.waits, task.next_try), (1, 0, 101));
    }

    #[test]
    fn what_would_fail_the_same_way_is_tried_seldom_and_told_at_once() {
        let mut task = Task::default();
        fail(&mut task, Class::Hopeless, "not WebAssembly".to_owned(), 100, 300);
        assert!(task.hopeless);
        assert_eq!(task.next_try, 400);
        fail(&mut task, Class::Waits, "away".to_owned(), 100, 300);
        assert!(!task.hopeless, "whoever is back may say something else");
    }

    #[test]
    fn each_error_has_its_class() {
        let away = || FaasError::Unavailable("connection refused".to_owned());
        assert_eq!(Trouble::from(away()).class(), Class::Waits);
        assert_eq!(Trouble::from(ChainError::Unavailable("no answer".to_owned())).class(), Class::Waits);
        assert_eq!(Trouble::from(FaasError::Failed { status: 500, reason: String::new() }).class(), Class::Fails);
        assert_eq!(Trouble::TimedOut.class(), Class::Fails);
        assert_eq!(Trouble::from(FaasError::Refused { status: 400, reason: String::new() }).class(), Class::Hopeless);
    }
}
