//! One contract in the model.

use grid_types::units::{Capacity, Prices, Resources, TRAFFIC_UNIT};

use super::price::{dearest, traffic_allowed, Priced};
use crate::types::{Balance, ContractId, Parameters, Seconds};

/// A base unit has so many of the parts in which the cost of a second is counted: a millionth of an hour's rate each.
const PARTS: u128 = 3_600 * 1_000_000;

/// What a deal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A part of the node.
    Part,
    /// The node as a whole.
    Whole,
    /// A part of what this rent of the same owner has.
    Inside(ContractId),
}

/// Where a deal is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Agreed,
    Running,
    /// Out of funds, with a cushion.
    Paused,
    /// Costs nothing any more; the chain ends it.
    Ending,
}

/// What the two sides agreed, and how it stands.
#[derive(Clone, Debug)]
pub struct Deal {
    pub owner: u64,
    pub kind: Kind,
    pub stage: Stage,
    pub version: u32,
    pub prices: Prices,
    pub resources: Resources,
    pub public_ips: u32,
    /// Money that only this deal can spend.
    pub escrow: Balance,
    /// Held from the owner for the record.
    pub deposit: Balance,
    /// Spent so far.
    pub billed: Balance,
    /// Seconds before this one are settled.
    pub settled: Seconds,
    /// Since when a deadline runs, and how many seconds it has.
    pub deadline: Option<(Seconds, Seconds)>,
    pub failed: bool,
    pub deployed_version: Option<u32>,
    /// Set aside for a pause, a part of `low`.
    pub cushion: Balance,
    /// What the newest report said, if it spoke of what is reserved now.
    pub last_use: Option<Capacity>,
    /// The end of the newest report.
    pub heard: Seconds,
    /// Since when it reserves what it does, and works.
    pub since: Seconds,
    /// The traffic counter, bytes.
    pub counter: u64,
    /// Traffic that was allowed and not used, bytes.
    pub saved: u64,
    /// What is owed and is less than a base unit, in parts.
    pub owed: u128,
    /// The same for traffic, in parts of 10^-9.
    pub owed_traffic: u128,
    /// The most that may be drawn from the owner in a day.
    pub limit: Option<Balance>,
    /// Day and sum of what was drawn.
    pub drawn: (u64, Balance),
}

impl Deal {
    /// Agreed, and nothing else.
    pub fn new(owner: u64, kind: Kind, prices: Prices, resources: Resources, now: Seconds) -> Self {
        Self {
            owner,
            kind,
            stage: Stage::Agreed,
            version: 0,
            prices,
            resources,
            public_ips: 0,
            escrow: 0,
            deposit: 0,
            billed: 0,
            settled: now,
            deadline: None,
            failed: false,
            deployed_version: None,
            cushion: 0,
            last_use: None,
            heard: now,
            since: now,
            counter: 0,
            saved: 0,
            owed: 0,
            owed_traffic: 0,
            limit: None,
            drawn: (0, 0),
        }
    }

    /// What escrow must not fall below.
    pub fn low(&self, rules: &Parameters) -> Balance {
        self.dearest(rules.max_report_delay + rules.max_window) + self.cushion
    }

    /// What it is filled up to.
    pub fn high(&self, rules: &Parameters) -> Balance {
        self.dearest(rules.max_report_delay + rules.max_window + rules.funding_ahead) + self.cushion
    }

    /// What must be there as long as it may take to deploy.
    pub fn to_begin(&self, rules: &Parameters) -> Balance {
        self.low(rules) + self.dearest(rules.create_timeout)
    }

    fn dearest(&self, seconds: Seconds) -> Balance {
        dearest(&self.prices, &self.resources, self.public_ips, seconds)
    }

    /// The cost of these seconds at the use that the node stated.
    pub fn run(&mut self, seconds: &[Seconds], used: &Capacity) -> Balance {
        let rate = Priced::running(&self.prices, &self.resources, self.public_ips, used).per_hour(&self.prices);
        self.bill(seconds, rate)
    }

    /// The cost of these seconds of keeping capacity that does not run.
    pub fn hold(&mut self, seconds: &[Seconds], share: u8) -> Balance {
        let rate = Priced::holding(&self.resources, self.public_ips, share).per_hour(&self.prices);
        self.bill(seconds, rate)
    }

    /// How many seconds of holding escrow pays for, at most so many.
    pub fn can_hold(&self, share: u8, most: Seconds) -> Seconds {
        let rate = Priced::holding(&self.resources, self.public_ips, share).per_hour(&self.prices);
        let lasts = |seconds: &Seconds| (self.owed + rate * u128::from(*seconds)) / PARTS <= self.escrow;
        // Not more than escrow, not one second less: the last that it pays for.
        let (mut pays, mut too_long) = (0, most + 1);
        while pays + 1 < too_long {
            let middle = pays + (too_long - pays) / 2;
            *if lasts(&middle) { &mut pays } else { &mut too_long } = middle;
        }
        pays
    }

    fn bill(&mut self, seconds: &[Seconds], rate: u128) -> Balance {
        for _ in seconds {
            self.owed += rate;
        }
        let due = self.owed / PARTS;
        self.owed -= due * PARTS;
        due
    }

    /// The cost of the traffic since the last report, as far as it was allowed.
    pub fn transfer(&mut self, rules: &Parameters, seconds: &[Seconds], counter: u64) -> Balance {
        let stated = counter.saturating_sub(self.counter);
        let allowed = self.allowed(seconds);
        let bytes = stated.min(allowed);
        self.counter = self.counter.max(counter);
        self.save(rules, allowed - bytes);
        self.owed_traffic += u128::from(bytes) * u128::from(self.prices.nu);
        let due = self.owed_traffic / u128::from(TRAFFIC_UNIT);
        self.owed_traffic -= due * u128::from(TRAFFIC_UNIT);
        due
    }

    /// These seconds are charged without a report: the next one may state their traffic.
    pub fn save_allowance(&mut self, rules: &Parameters, seconds: &[Seconds]) {
        let allowed = self.allowed(seconds);
        self.save(rules, allowed);
    }

    fn allowed(&self, seconds: &[Seconds]) -> u64 {
        traffic_allowed(self.resources.nru_per_hour, seconds.len() as u64) + self.saved
    }

    /// At most what the last longest window allowed.
    pub fn save(&mut self, rules: &Parameters, bytes: u64) {
        self.saved = bytes.min(traffic_allowed(self.resources.nru_per_hour, rules.max_window));
    }

    /// What may still be drawn today.
    pub fn left_today(&self, day: u64) -> Balance {
        let drawn = if self.drawn.0 == day { self.drawn.1 } else { 0 };
        self.limit.map_or(Balance::MAX, |limit| limit.saturating_sub(drawn))
    }

    pub fn note_drawn(&mut self, day: u64, amount: Balance) {
        let before = if self.drawn.0 == day { self.drawn.1 } else { 0 };
        self.drawn = (day, before + amount);
    }
}
