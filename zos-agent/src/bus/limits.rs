//! How much anybody may ask of the bus.
//!
//! | who | what is counted | over it |
//! | --- | --- | --- |
//! | an address, before anything is known about the sender | messages, bytes | `rate_limited` |
//! | a site: the networks that one subscriber of IPv6 is often given | messages, [`SITE`] times as many | `rate_limited` |
//! | a twin, once its signature is verified | messages, bytes, commands at once | `rate_limited` |
//! | a twin, on the rmb door | commands at once | `rate_limited` |
//! | all twins together | commands at once | `rate_limited` |
//!
//! Rates are token buckets. What is remembered of each is small, and forgotten once its bucket is full again; the number of
//! twins is bounded by their deposits on chain, that of addresses by the connections that the door accepts.

use super::config::BusConfig;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use grid_types::bus::{Code, Failure};
use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Kibibytes of messages a second that one twin may send.
const TWIN_KIB: u32 = 8 * 1_024;
/// So many may come at once after silence.
const TWIN_KIB_BURST: u32 = 96 * 1_024;
/// Buckets of one kind beyond which full ones are looked for and forgotten.
const MANY: usize = 10_000;

/// The same for one address, whoever signs: a few twins may stand behind one.
const ADDRESS_KIB: u32 = 4 * TWIN_KIB;
const ADDRESS_KIB_BURST: u32 = 4 * TWIN_KIB_BURST;
/// How much more than one address all networks of one site may ask together.
pub const SITE: usize = 4;

/// All limits of both doors.
pub struct Limits {
    addresses: Buckets<IpAddr>,
    sites: Buckets<IpAddr>,
    weights: Buckets<IpAddr>,
    twins: Buckets<u32>,
    volumes: Buckets<u32>,
    all: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// A command that is carried out; others may follow when it is dropped.
pub struct Turn {
    _share: Share,
    _place: OwnedSemaphorePermit,
}

/// Places that all twins have in common, a quarter of them at most for each: one alone does not take them from the others.
pub struct Shares {
    each: usize,
    taken: Mutex<HashMap<u32, usize>>,
}

/// One of a twin's places, until this is dropped.
pub struct Share {
    shares: Arc<Shares>,
    twin: u32,
}

/// One bucket each.
struct Buckets<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Buckets<K> {
    fn new(rate: u32, burst: u32) -> Self {
        let one_or_more = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self(RateLimiter::keyed(Quota::per_second(one_or_more(rate)).allow_burst(one_or_more(burst))))
    }

    fn take(&self, whose: &K, amount: u32) -> bool {
        if self.0.len() > MANY {
            self.0.retain_recent();
        }
        let amount = NonZeroU32::new(amount).unwrap_or(NonZeroU32::MIN);
        matches!(self.0.check_key_n(whose, amount), Ok(Ok(())))
    }
}

impl Limits {
    /// As configured.
    pub fn new(config: &BusConfig) -> Self {
        Self {
            addresses: Buckets::new(config.address_rate, config.address_burst),
            sites: Buckets::new(of_site(config.address_rate), of_site(config.address_burst)),
            weights: Buckets::new(ADDRESS_KIB, ADDRESS_KIB_BURST),
            twins: Buckets::new(config.twin_rate, config.twin_burst),
            volumes: Buckets::new(TWIN_KIB, TWIN_KIB_BURST),
            all: Arc::new(Semaphore::new(config.parallel as usize)),
            shares: Shares::of(config.parallel),
        }
    }

    /// One more message of so many bytes from an address, whatever it is.
    pub fn stranger(&self, address: IpAddr, bytes: usize) -> Result<(), Failure> {
        let own = neighbourhood(address);
        let calm = self.addresses.take(&own, 1) && self.weights.take(&own, kib(bytes));
        match calm && site(address).is_none_or(|site| self.sites.take(&site, 1)) {
            true => Ok(()),
            false => Err(too_much("too many messages from your address; wait a second")),
        }
    }

    /// One more command of a twin that is known to have sent it.
    pub fn twin(&self, twin: u32, bytes: usize) -> Result<Turn, Failure> {
        if !self.twins.take(&twin, 1) || !self.volumes.take(&twin, kib(bytes)) {
            return Err(too_much("too many messages, or too large ones, in too short a time; wait a second"));
        }
        let place = Arc::clone(&self.all).try_acquire_owned();
        let place = place.map_err(|_| too_much("the node is busy with other commands; try again in a second"))?;
        Ok(Turn { _share: self.shares.take(twin)?, _place: place })
    }
}

impl Shares {
    /// Of so many places.
    pub fn of(places: u32) -> Arc<Self> {
        Arc::new(Self { each: (places as usize).div_ceil(4), taken: Mutex::default() })
    }

    /// One more place for a twin.
    pub fn take(self: &Arc<Self>, twin: u32) -> Result<Share, Failure> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(twin).or_default();
        if *count >= self.each {
            return Err(too_much("too many commands at once; wait for their answers"));
        }
        *count += 1;
        Ok(Share { shares: Arc::clone(self), twin })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.twin) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.twin);
            }
        }
    }
}

fn too_much(message: &str) -> Failure {
    Failure::new(Code::RateLimited, message)
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX)
}

fn of_site(limit: u32) -> u32 {
    limit.saturating_mul(SITE as u32)
}

/// Who counts as one: an IPv4 address, or the /64 network that one user of IPv6 has to himself.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => network(address, 64),
        address => address,
    }
}

/// The /48 network of an IPv6 address: a subscriber may have so many networks to himself that each alone says little.
pub fn site(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        IpAddr::V6(address) => Some(network(address, 48)),
        IpAddr::V4(_) => None,
    }
}

fn network(address: Ipv6Addr, bits: u32) -> IpAddr {
    let rest = 128 - bits;
    IpAddr::V6(Ipv6Addr::from(u128::from(address) >> rest << rest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Buckets that fill so slowly that a test does not see it.
    fn limits(burst: u32, parallel: u32) -> Arc<Limits> {
        let config = BusConfig {
            address_rate: 1,
            address_burst: burst,
            twin_rate: 1,
            twin_burst: burst,
            parallel,
            ..BusConfig::default()
        };
        Arc::new(Limits::new(&config))
    }

    fn refused(outcome: Result<Turn, Failure>) -> Code {
        outcome.err().unwrap().code
    }

    #[test]
    fn an_address_that_sends_too_much_does_not_silence_others() {
        let limits = limits(3, 8);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for _ in 0..3 {
            limits.stranger(one, 10).unwrap();
        }
        assert_eq!(limits.stranger(one, 10).unwrap_err().code, Code::RateLimited);
        limits.stranger(other, 10).unwrap();
    }

    #[test]
    fn the_networks_of_a_site_have_a_bucket_in_common() {
        let limits = limits(1, 8);
        let of = |network: usize| format!("2001:db8:1:{network}::1").parse().unwrap();
        for network in 0..SITE {
            limits.stranger(of(network), 10).unwrap();
        }
        assert_eq!(limits.stranger(of(SITE), 10).unwrap_err().code, Code::RateLimited);
        limits.stranger("2001:db8:2::1".parse().unwrap(), 10).unwrap();
    }

    #[test]
    fn an_address_that_sends_too_many_bytes_is_refused_before_anybody_looks_who_signed_them() {
        let limits = limits(100, 8);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        limits.stranger(one, 380 << 20).unwrap();
        assert_eq!(limits.stranger(one, 100 << 20).unwrap_err().code, Code::RateLimited);
        limits.stranger(other, 100 << 20).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_a_mapped_one_is_ipv4() {
        let same = |a: &str, b: &str| neighbourhood(a.parse().unwrap()) == neighbourhood(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
    }

    #[test]
    fn a_twin_that_sends_too_much_does_not_silence_others() {
        let limits = limits(3, 8);
        for _ in 0..3 {
            limits.twin(1, 10).unwrap();
        }
        assert_eq!(refused(limits.twin(1, 10)), Code::RateLimited);
        limits.twin(2, 10).unwrap();
    }

    #[test]
    fn a_twin_that_sends_too_many_bytes_is_refused() {
        let limits = limits(100, 8);
        limits.twin(1, 90 << 20).unwrap();
        assert_eq!(refused(limits.twin(1, 10 << 20)), Code::RateLimited);
        assert_eq!(refused(limits.twin(2, usize::MAX)), Code::RateLimited);
        limits.twin(1, 100).unwrap();
    }

    #[test]
    fn one_twin_has_a_quarter_of_the_places_and_gives_them_back() {
        let limits = limits(100, 8);
        let turns = [limits.twin(1, 1).unwrap(), limits.twin(1, 1).unwrap()];
        assert_eq!(refused(limits.twin(1, 1)), Code::RateLimited);
        limits.twin(2, 1).unwrap();
        drop(turns);
        limits.twin(1, 1).unwrap();
    }

    #[test]
    fn all_together_have_all_places() {
        let limits = limits(100, 4);
        let turns: Vec<_> = (1..=4).map(|twin| limits.twin(twin, 1).unwrap()).collect();
        assert_eq!(refused(limits.twin(5, 1)), Code::RateLimited);
        drop(turns);
        limits.twin(5, 1).unwrap();
    }
}
