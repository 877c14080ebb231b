//! Whose connections are served: no address may take the places of all others.
//!
//! A quarter of the places is kept for this machine's own address, so that a program that embeds the gateway, or a proxy
//! before it, gets in however many strangers sit there and say nothing. Of the others one address may have a quarter.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places for connections of strangers.
pub(crate) struct Places {
    strangers: usize,
    each: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A place; dropping it gives it back.
pub(crate) struct Place(Option<(Arc<Places>, IpAddr)>);

impl Places {
    /// Of so many connections in all.
    pub fn new(connections: usize) -> Arc<Self> {
        let kept = connections / 4;
        Arc::new(Self { strangers: connections - kept, each: kept.max(1), taken: Mutex::default() })
    }

    /// `None` if the address, or all strangers, have as many as they may.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let Some(address) = stranger(address) else { return Some(Place(None)) };
        let mut taken = self.lock();
        let (all, own) = (taken.values().sum::<usize>(), taken.get(&address).copied().unwrap_or(0));
        if all >= self.strangers || own >= self.each {
            return None;
        }
        taken.insert(address, own + 1);
        Some(Place(Some((self.clone(), address))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((places, address)) = self.0.take() else { return };
        let mut taken = places.lock();
        let left = taken.get(&address).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            taken.remove(&address);
        } else {
            taken.insert(address, left);
        }
    }
}

/// What counts as one address; `None` for this machine's own. Of IPv6 whoever has one address has its /64.
fn stranger(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST) => None,
        IpAddr::V4(address) => Some(address.into()),
        IpAddr::V6(address) => Some(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_gets_a_quarter_and_all_strangers_three() {
        let places = Places::new(8);
        let enter = |text: &str| places.enter(address(text));
        let first = [enter("10.0.0.1"), enter("10.0.0.1")];
        assert!(first.iter().all(Option::is_some) && enter("10.0.0.1").is_none());
        // The same address, written for IPv6.
        assert!(enter("::ffff:10.0.0.1").is_none());
        let others = [enter("10.0.0.2"), enter("10.0.0.2"), enter("10.0.0.3"), enter("10.0.0.3")];
        assert!(others.iter().all(Option::is_some) && enter("10.0.0.4").is_none());
        assert!(enter("127.0.0.1").is_some() && enter("::1").is_some());
        drop(first);
        assert!(enter("10.0.0.4").is_some());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let places = Places::new(4);
        let _one = places.enter(address("2001:db8::1")).expect("room");
        assert!(places.enter(address("2001:db8::2")).is_none());
        assert!(places.enter(address("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn nothing_is_kept_of_who_has_gone() {
        let places = Places::new(8);
        drop(places.enter(address("10.0.0.1")));
        assert!(places.lock().is_empty());
    }

    #[test]
    fn even_a_single_place_can_be_had() {
        assert!(Places::new(1).enter(address("10.0.0.1")).is_some());
    }
}
