//! Hands what was measured to the chain: the oldest first, one batch in flight, nothing forgotten before it is final.
//!
//! **Once.** A batch is signed and kept on disk before anybody else knows it ([`Flight`]); from then on it is only looked for,
//! and sent again as it is, until it is final or can be in no block any more. Only then are its windows settled, or put into
//! another batch. So neither a kill, nor a lost answer, nor a finality that stands still makes a window travel twice at once or
//! costs a second fee.
//!
//! **Refused.** A batch that fails as a whole, in its block, costs a fee and settles nothing. Its windows are sent anew, later and
//! later, until one is taken; why is told for as long.
//!
//! **Too old.** Windows that the chain would not charge any more are given up here, visibly, and not paid for in fees.
//!
//! Bounded: one batch of windows in memory, however many wait on disk.

use super::{batch_size::BatchSize, pause};
use crate::{
    board::Board,
    chain::{Chain, ChainError, Fate, Settled},
    clock,
    engine::backoff,
    metrics::Metrics,
    store::{
        reports::{Flight, Tally},
        Store, StoreError,
    },
};
use grid_types::units::Report;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The longest pause between two attempts, seconds.
const MAX_BACKOFF: u64 = 60;
/// How often to look without being told.
const LOOK: Duration = Duration::from_secs(30);
/// How often to look what became of a batch: soon at first, then less and less.
const WATCH: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// How often a batch that nobody has seen yet is sent again, as it is.
const AGAIN: Duration = Duration::from_secs(60);
/// Windows that are given up in one go.
const GIVE_UP: usize = 5_000;
/// Why windows are given up.
const TOO_OLD: &str = "older than the chain charges";

/// What sends.
pub struct Sender {
    /// Where windows wait.
    pub store: Store,
    /// Where they go.
    pub chain: Arc<dyn Chain>,
    /// Says that there is something to send.
    pub filled: Arc<Notify>,
    /// Reports in one transaction, at most.
    pub batch: usize,
    /// Where windows are counted.
    pub metrics: Metrics,
    /// Where it is shown why they wait.
    pub board: Board,
}

/// How sending goes, as far as this process knows.
struct Course {
    /// When the batch in flight was last sent.
    sent: Option<Instant>,
    size: BatchSize,
    /// Batches that failed in their blocks since one was settled or nothing waited: how many, and why the last one.
    failed: Option<(u32, String)>,
}

impl Course {
    fn fail(&mut self, reason: &str) {
        let times = self.failed.take().map_or(0, |(times, _)| times);
        self.failed = Some((times.saturating_add(1), reason.to_owned()));
    }

    /// What there is to say while nothing else is wrong: that the next batch is under way says nothing about it.
    fn complaint(&self) -> Option<String> {
        self.failed.as_ref().map(|(_, reason)| Failure::Refused(reason.clone()).to_string())
    }

    /// How often something went wrong, for the length of the pause: that the next batch can be sent is no success yet.
    fn tries(&self, misses: u32) -> u32 {
        self.failed.as_ref().map_or(misses, |(times, _)| misses.max(*times))
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// Go on at once.
    GoOn,
    /// A batch is under way.
    Watch,
    /// Nothing can be sent now.
    Rest,
}

/// Why nothing could be done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{sent} reports were sent and {answered} answered")]
    Miscounted { sent: usize, answered: usize },
    #[error("the chain refused the batch: {0}")]
    Refused(String),
}

impl Sender {
    /// Runs until `stop`. What is under way then is found again after the next start.
    pub async fn run(self, stop: CancellationToken) {
        let mut misses = 0_u32;
        let mut course = Course { sent: None, size: BatchSize::new(self.batch), failed: None };
        while !stop.is_cancelled() {
            let step = tokio::select! {
                () = stop.cancelled() => return,
                step = self.step(&mut course) => step,
            };
            let failure = step.as_ref().err().map(ToString::to_string).or_else(|| course.complaint());
            self.board.note(|notes| notes.report_failure = failure);
            match step {
                Ok(Next::GoOn) => misses = 0,
                Ok(Next::Watch) => {
                    misses = 0;
                    let half = course.sent.map_or(WATCH.1, |sent| sent.elapsed() / 2);
                    pause(half.clamp(WATCH.0, WATCH.1), &stop).await;
                },
                Ok(Next::Rest) => tokio::select! {
                    () = stop.cancelled() => {},
                    () = self.filled.notified() => {},
                    () = tokio::time::sleep(LOOK) => {},
                },
                Err(error) => {
                    misses += 1;
                    let tries = course.tries(misses);
                    tracing::warn!(%error, misses = tries, "reports wait");
                    pause(Duration::from_secs(backoff::after(tries, MAX_BACKOFF)), &stop).await;
                },
            }
        }
    }

    async fn step(&self, course: &mut Course) -> Result<Next, Failure> {
        let (flight, waiting) = self.store.read(|read| Ok((read.flight()?, read.waiting_reports()?))).await?;
        self.metrics.outbox(waiting);
        match flight {
            Some(flight) => self.watch(flight, course).await,
            None if waiting == 0 => {
                course.failed = None;
                Ok(Next::Rest)
            },
            None => self.send_one(course).await,
        }
    }

    /// Looks what became of the batch in flight.
    async fn watch(&self, flight: Flight, course: &mut Course) -> Result<Next, Failure> {
        match self.chain.reports_fate(&flight.signed.ticket, &flight.reports).await? {
            Fate::Open => {
                if course.sent.is_none_or(|sent| sent.elapsed() >= AGAIN) {
                    course.sent = Some(Instant::now());
                    // Perhaps it never arrived. That it cannot be sent says nothing about what becomes of it.
                    if let Err(error) = self.chain.send(&flight.signed).await {
                        tracing::debug!(%error, "a batch of reports could not be sent again");
                    }
                }
                return Ok(Next::Watch);
            },
            Fate::Settled(outcomes) => {
                crate::step::reached("report.answered");
                self.settle(&flight.reports, outcomes).await?;
                course.size.settled();
                course.failed = None;
            },
            Fate::Expired => {
                self.metrics.batch("expired");
                tracing::warn!(reports = flight.reports.len(), "no block took a batch of reports; it is sent anew");
                course.size.expired(flight.reports.len());
                self.land().await?;
            },
            Fate::Forgotten => {
                self.metrics.batch("forgotten");
                let reports = flight.reports.len();
                // No window is charged twice: for what the chain has taken, it says so now.
                tracing::warn!(reports, "what became of a batch of reports was too long ago; it is sent anew");
                self.land().await?;
            },
            Fate::Failed(reason) => {
                self.metrics.batch("failed");
                course.sent = None;
                course.fail(&reason);
                self.land().await?;
                return Err(Failure::Refused(reason));
            },
        }
        course.sent = None;
        Ok(Next::GoOn)
    }

    /// Sends the oldest batch.
    async fn send_one(&self, course: &mut Course) -> Result<Next, Failure> {
        let (oldest, now) = (self.chain.times().await?.oldest, self.chain.head().await?.timestamp);
        let refused = self.store.write(move |write| write.refuse_reports(oldest, GIVE_UP, TOO_OLD)).await?;
        if refused > 0 {
            self.metrics.settled(0, refused);
            tracing::warn!(refused, "windows are {TOO_OLD}; they are not paid");
            return Ok(Next::GoOn);
        }
        let limit = course.size.get();
        let reports = self.store.read(move |read| read.oldest_reports(limit, now)).await?;
        if reports.is_empty() {
            return Ok(Next::Rest);
        }
        let flight = Flight { signed: self.chain.sign_reports(&reports).await?, reports };
        let kept = flight.clone();
        crate::step::reached("report.signed");
        self.store.write(move |write| write.take_off(&kept)).await?;
        course.sent = Some(Instant::now());
        crate::step::reached("report.sending");
        let taken = self.chain.send(&flight.signed).await;
        crate::step::reached("report.sent");
        match taken {
            Ok(()) => self.metrics.batch("sent"),
            Err(ChainError::TooLarge(reason)) => {
                self.metrics.batch("too_large");
                let (reports, fewer) = (flight.reports.len(), course.size.too_many(flight.reports.len()));
                self.land().await?;
                if !fewer {
                    return Err(Failure::Refused(reason));
                }
                tracing::warn!(reports, reason, "a batch of reports fits into no block; the next is smaller");
                return Ok(Next::GoOn);
            },
            Err(ChainError::Refused(reason)) => {
                self.metrics.batch("failed");
                self.land().await?;
                return Err(Failure::Refused(reason));
            },
            // Perhaps it arrived: from here on it is looked for.
            Err(error) => tracing::warn!(%error, "a batch of reports may not have arrived"),
        }
        Ok(Next::Watch)
    }

    async fn land(&self) -> Result<(), StoreError> {
        self.store.write(|write| write.land()).await
    }

    /// Takes out what is settled, in one transaction with the batch.
    async fn settle(&self, reports: &[Report], outcomes: Vec<Settled>) -> Result<(), Failure> {
        if outcomes.len() != reports.len() {
            return Err(Failure::Miscounted { sent: reports.len(), answered: outcomes.len() });
        }
        let mut news = Tally::default();
        let mut settled = Vec::with_capacity(reports.len());
        for (report, outcome) in reports.iter().zip(outcomes) {
            match outcome {
                Settled::Taken => news.add(1, 0, None),
                Settled::Refused(reason) => {
                    let (contract, timestamp) = (report.contract_id, report.timestamp);
                    tracing::warn!(contract, timestamp, reason, "the chain refused a report; its window is not paid");
                    news.add(0, 1, Some(reason));
                },
                Settled::TooEarly => continue,
            }
            settled.push(*report);
        }
        let (accepted, refused) = (news.accepted, news.refused);
        let waiting = self.store.write(move |write| {
            write.settle_reports(&settled)?;
            write.land()?;
            write.count(|tally| {
                tally.add(news.accepted, news.refused, news.refusal);
                tally.settled_at = Some(clock::now());
            })?;
            write.waiting_reports()
        });
        let waiting = waiting.await?;
        crate::step::reached("report.settled");
        self.metrics.settled(accepted, refused);
        self.metrics.batch("settled");
        self.metrics.outbox(waiting);
        tracing::debug!(accepted, refused, waiting, "reports settled");
        Ok(())
    }
}
