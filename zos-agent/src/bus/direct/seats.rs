//! How many connections an address may have open.

use super::super::limits::{neighbourhood, site, SITE};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// The seats for connections of one address, and of the networks of one site. Those of this machine are not counted: the agent
/// itself knocks from here, and a proxy that stands here speaks for all.
#[derive(Clone)]
pub struct Seats {
    taken: Arc<Mutex<HashMap<Whose, usize>>>,
    each: usize,
}

/// A seat that is taken until this is dropped.
pub struct Seat {
    taken: Arc<Mutex<HashMap<Whose, usize>>>,
    whose: Vec<Whose>,
}

/// Who has seats.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    Address(IpAddr),
    Site(IpAddr),
}

impl Seats {
    /// So many for each address.
    pub fn new(each: usize) -> Self {
        Self { taken: Arc::default(), each }
    }

    /// A seat, if there is one left.
    pub fn take(&self, address: IpAddr) -> Option<Seat> {
        let address = address.to_canonical();
        let each = [(Whose::Address(neighbourhood(address)), self.each)];
        let sites = site(address).map(|site| (Whose::Site(site), self.each.saturating_mul(SITE)));
        let counted = if address.is_loopback() { Vec::new() } else { each.into_iter().chain(sites).collect() };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.iter().any(|(whose, most)| taken.get(whose).is_some_and(|count| count >= most)) {
            return None;
        }
        let whose: Vec<_> = counted.into_iter().map(|(whose, _)| whose).collect();
        for whose in &whose {
            *taken.entry(*whose).or_default() += 1;
        }
        Some(Seat { taken: Arc::clone(&self.taken), whose })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for whose in &self.whose {
            if let Some(count) = taken.get_mut(whose) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    taken.remove(whose);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_has_its_seats_and_gets_them_back() {
        let seats = Seats::new(2);
        let [address, other] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let taken = [seats.take(address).unwrap(), seats.take(address).unwrap()];
        assert!(seats.take(address).is_none());
        assert!(seats.take(other).is_some());
        drop(taken);
        assert!(seats.take(address).is_some());
        assert!(seats.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn the_networks_of_a_site_have_seats_in_common() {
        let seats = Seats::new(1);
        let of = |network: usize| format!("2001:db8:1:{network}::1").parse().unwrap();
        let taken: Vec<_> = (0..SITE).map(|network| seats.take(of(network)).unwrap()).collect();
        assert!(seats.take(of(SITE)).is_none());
        assert!(seats.take("2001:db8:2::1".parse().unwrap()).is_some());
        drop(taken);
        assert!(seats.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn this_machine_finds_a_seat() {
        let seats = Seats::new(1);
        for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert!([(); 3].map(|()| seats.take(address.parse().unwrap())).iter().all(Option::is_some), "{address}");
        }
    }
}
