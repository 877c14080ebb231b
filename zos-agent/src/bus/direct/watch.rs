//! What is known about a connection, and the bounds that follow.
//!
//! A stranger is a connection on which no message has been verified yet, or whose last one was not by whom it said. Strangers
//! may send a little; whoever sends more, such as a module with the first message, waits for one of a few places, and has a
//! minute to become known. So the memory that strangers take is bounded: [`FREE`] for each connection and [`PLACES`] messages of
//! the largest size. One address has [`PLACES_EACH`] of these places, so that a slow sender or two do not keep all others
//! waiting. Whoever stays a stranger is turned away after a while, however little he sends: seats are for those who have
//! something to say.
//!
//! Of each connection a few messages are worked on at once; while they are, nothing more is read from it.

use super::super::limits::{neighbourhood, site, SITE};
use futures::task::AtomicWaker;
use grid_types::bus::MAX_MESSAGE;
use std::{
    collections::HashMap,
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc, Mutex, PoisonError, Weak,
    },
    task::{ready, Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep},
};
use tokio_util::sync::PollSemaphore;

/// What a stranger may send without asking, bytes.
const FREE: usize = 256 << 10;
/// What a stranger may send in all, bytes: the largest message, and room for what is around it.
const MOST: usize = MAX_MESSAGE + FREE;
/// Strangers that may send large messages at once.
const PLACES: usize = 8;
/// Of these, strangers of one address.
const PLACES_EACH: usize = 2;
/// How long they have to become known.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long anybody may stay a stranger.
const STAY: Duration = Duration::from_secs(120);
/// Messages of one connection that are worked on at once.
const AT_ONCE: usize = 16;

/// Who is at the other end of a connection.
pub struct Caller {
    address: IpAddr,
    known: AtomicBool,
    busy: AtomicUsize,
    waker: AtomicWaker,
}

/// A message that is worked on.
pub struct Working(Arc<Caller>);

impl Caller {
    /// Somebody, for now.
    pub fn new(address: IpAddr) -> Self {
        Self { address, known: AtomicBool::new(false), busy: AtomicUsize::new(0), waker: AtomicWaker::new() }
    }

    /// Where the connection comes from.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// A message was verified.
    pub fn is_known(&self) {
        self.known.store(true, Ordering::Release);
        self.waker.wake();
    }

    /// A message was not by the twin that it named: what was known is not worth much.
    pub fn is_stranger(&self) {
        self.known.store(false, Ordering::Release);
        self.waker.wake();
    }

    /// One more message is worked on, until what is returned is dropped.
    pub fn begin(self: &Arc<Self>) -> Working {
        self.busy.fetch_add(1, Ordering::AcqRel);
        Working(Arc::clone(self))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
        self.0.waker.wake();
    }
}

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

    /// A seat, if there is one left. `own`: it is this machine's address, whose connections are not counted.
    pub fn take(&self, address: IpAddr, own: bool) -> Option<Seat> {
        let address = address.to_canonical();
        let each = [(Whose::Address(neighbourhood(address)), self.each)];
        let sites = site(address).map(|site| (Whose::Site(site), self.each.saturating_mul(SITE)));
        let counted = if own || address.is_loopback() { Vec::new() } else { each.into_iter().chain(sites).collect() };
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

/// The places for strangers with large messages.
#[derive(Clone)]
pub struct Places {
    all: Arc<Semaphore>,
    each: Arc<Mutex<HashMap<IpAddr, Weak<Semaphore>>>>,
}

impl Places {
    /// All are free.
    pub fn free() -> Self {
        Self { all: Arc::new(Semaphore::new(PLACES)), each: Arc::default() }
    }

    /// Those of an address, which it shares with nobody.
    fn of(&self, address: IpAddr) -> Arc<Semaphore> {
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        each.retain(|_, places| places.strong_count() > 0);
        let whose = neighbourhood(address);
        if let Some(places) = each.get(&whose).and_then(Weak::upgrade) {
            return places;
        }
        let places = Arc::new(Semaphore::new(PLACES_EACH));
        each.insert(whose, Arc::downgrade(&places));
        places
    }
}

/// A place, and until when it is given.
struct Place {
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    patience: Pin<Box<Sleep>>,
}

/// A connection that keeps to the bounds above.
pub struct Watched<S> {
    stream: S,
    caller: Arc<Caller>,
    received: usize,
    /// Of all, and of its address: first one of its address.
    places: (PollSemaphore, PollSemaphore),
    own: Option<OwnedSemaphorePermit>,
    place: Option<Place>,
    patience: Duration,
    stay: Pin<Box<Sleep>>,
    /// As it was when more was last read.
    known: bool,
    _seat: Seat,
}

impl<S> Watched<S> {
    /// Watches a connection. `places` are those of all strangers with large messages.
    pub fn new(stream: S, caller: Arc<Caller>, places: &Places, seat: Seat) -> Self {
        let own = PollSemaphore::new(places.of(caller.address));
        let places = (PollSemaphore::new(Arc::clone(&places.all)), own);
        let stay = Box::pin(tokio::time::sleep(STAY));
        Self {
            stream,
            caller,
            received: 0,
            places,
            own: None,
            place: None,
            patience: PATIENCE,
            stay,
            known: false,
            _seat: seat,
        }
    }

    /// Ready when more may be read.
    fn poll_allowed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.caller.waker.register(context.waker());
        let known = self.caller.known.load(Ordering::Acquire);
        if self.known && !known {
            self.stay.as_mut().reset(Instant::now() + STAY);
        }
        self.known = known;
        if !known && self.stay.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::other("a stranger stayed too long")));
        }
        if self.caller.busy.load(Ordering::Acquire) >= AT_ONCE {
            return Poll::Pending;
        }
        if known {
            (self.place, self.own, self.received) = (None, None, 0);
            return Poll::Ready(Ok(()));
        }
        if self.received > MOST {
            return Poll::Ready(Err(io::Error::other("a stranger sent too much")));
        }
        if self.received > FREE && self.place.is_none() {
            self.place = Some(ready!(self.poll_place(context))?);
        }
        let patience = self.place.as_mut().map(|place| place.patience.as_mut().poll(context));
        if patience.is_some_and(|patience| patience.is_ready()) {
            return Poll::Ready(Err(io::Error::other("a stranger took too long")));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_place(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Place>> {
        let closed = || io::Error::other("the door is closed");
        if self.own.is_none() {
            self.own = Some(ready!(self.places.1.poll_acquire(context)).ok_or_else(closed)?);
        }
        let all = ready!(self.places.0.poll_acquire(context)).ok_or_else(closed)?;
        let own = self.own.take().ok_or_else(closed)?;
        Poll::Ready(Ok(Place { _all: all, _own: own, patience: Box::pin(tokio::time::sleep(self.patience)) }))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_allowed(context))?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if !self.known {
            self.received = self.received.saturating_add(buffer.filled().len().saturating_sub(before));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    struct Bench {
        caller: Arc<Caller>,
        places: Places,
        watched: Watched<DuplexStream>,
        sender: DuplexStream,
    }

    fn bench(places: usize) -> Bench {
        of(HERE, &Places { all: Arc::new(Semaphore::new(places)), ..Places::free() })
    }

    /// A connection of an address.
    fn of(address: IpAddr, places: &Places) -> Bench {
        let (sender, stream) = tokio::io::duplex(64 << 20);
        let caller = Arc::new(Caller::new(address));
        let seat = Seats::new(1).take(address, false).unwrap();
        let watched = Watched::new(stream, caller.clone(), places, seat);
        Bench { caller, places: places.clone(), watched, sender }
    }

    /// Reads so much, or what stops it.
    async fn read(watched: &mut Watched<DuplexStream>, bytes: usize) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        let mut left = bytes;
        while left > 0 {
            let most = left.min(buffer.len());
            left -= watched.read(&mut buffer[..most]).await?;
        }
        Ok(())
    }

    /// Whether it waits.
    async fn waits(watched: &mut Watched<DuplexStream>) -> bool {
        futures::poll!(std::pin::pin!(watched.read(&mut [0; 10]))).is_pending()
    }

    #[tokio::test]
    async fn a_stranger_with_a_large_message_takes_a_place_and_waits_if_there_is_none() {
        let mut bench = bench(1);
        bench.sender.write_all(&vec![0; 2 << 20]).await.unwrap();
        read(&mut bench.watched, FREE + 1).await.unwrap();
        let other = bench.places.all.clone().try_acquire_owned().unwrap();
        assert!(waits(&mut bench.watched).await);
        drop(other);
        read(&mut bench.watched, 1 << 20).await.unwrap();
        assert_eq!(bench.places.all.available_permits(), 0);
        bench.caller.is_known();
        read(&mut bench.watched, 10).await.unwrap();
        assert_eq!(bench.places.all.available_permits(), 1, "whoever is known needs none");
    }

    #[tokio::test]
    async fn whoever_is_no_longer_known_is_bound_like_any_stranger() {
        let mut bench = bench(1);
        bench.sender.write_all(&vec![0; 2 * MOST]).await.unwrap();
        bench.caller.is_known();
        read(&mut bench.watched, MOST).await.unwrap();
        bench.caller.is_stranger();
        read(&mut bench.watched, FREE + 1).await.unwrap();
        let other = bench.places.all.clone().try_acquire_owned().unwrap();
        assert!(waits(&mut bench.watched).await);
        drop(other);
    }

    #[tokio::test]
    async fn one_address_leaves_places_to_others() {
        let places = Places::free();
        let other = "192.0.2.1".parse().unwrap();
        let mut benches: Vec<_> = [HERE, HERE, HERE, other].map(|address| of(address, &places)).into();
        let mut waiting = Vec::new();
        for bench in &mut benches {
            bench.sender.write_all(&vec![0; 2 * FREE]).await.unwrap();
            read(&mut bench.watched, FREE + 1).await.unwrap();
            waiting.push(waits(&mut bench.watched).await);
        }
        assert_eq!(waiting, [false, false, true, false]);
        drop(benches.remove(0));
        assert!(!waits(&mut benches[1].watched).await);
        drop(benches);
        assert_eq!(places.all.available_permits(), PLACES);
    }

    #[tokio::test]
    async fn a_stranger_that_sends_too_much_is_cut_off() {
        let mut bench = bench(1);
        bench.sender.write_all(&vec![0; MOST + 100]).await.unwrap();
        read(&mut bench.watched, MOST + 1).await.unwrap();
        assert!(bench.watched.read(&mut [0; 10]).await.is_err());
    }

    #[tokio::test]
    async fn a_stranger_that_takes_too_long_is_cut_off() {
        let mut bench = bench(1);
        bench.watched.patience = Duration::from_millis(1);
        bench.sender.write_all(&vec![0; FREE + 1]).await.unwrap();
        read(&mut bench.watched, FREE + 1).await.unwrap();
        assert!(bench.watched.read(&mut [0; 10]).await.is_err());
        drop(bench.watched);
        assert_eq!(bench.places.all.available_permits(), 1);
    }

    #[tokio::test]
    async fn nothing_more_is_read_while_enough_is_worked_on() {
        let mut bench = bench(1);
        bench.sender.write_all(&[0; 100]).await.unwrap();
        let mut working: Vec<_> = (0..AT_ONCE).map(|_| bench.caller.begin()).collect();
        assert!(waits(&mut bench.watched).await);
        working.pop();
        read(&mut bench.watched, 10).await.unwrap();
    }

    #[tokio::test]
    async fn a_stranger_that_only_stays_is_cut_off_and_whoever_is_known_is_not() {
        for known in [false, true] {
            let mut bench = bench(1);
            bench.watched.stay = Box::pin(tokio::time::sleep(Duration::ZERO));
            if known {
                bench.caller.is_known();
                bench.sender.write_all(&[0; 10]).await.unwrap();
            }
            assert_eq!(bench.watched.read(&mut [0; 10]).await.is_ok(), known);
        }
    }

    #[test]
    fn an_address_has_its_seats_and_gets_them_back() {
        let seats = Seats::new(2);
        let [address, other] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let taken = [seats.take(address, false).unwrap(), seats.take(address, false).unwrap()];
        assert!(seats.take(address, false).is_none());
        assert!(seats.take(other, false).is_some());
        drop(taken);
        assert!(seats.take(address, false).is_some());
        assert!(seats.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn the_networks_of_a_site_have_seats_in_common() {
        let seats = Seats::new(1);
        let of = |network: usize| format!("2001:db8:1:{network}::1").parse().unwrap();
        let taken: Vec<_> = (0..SITE).map(|network| seats.take(of(network), false).unwrap()).collect();
        assert!(seats.take(of(SITE), false).is_none());
        assert!(seats.take("2001:db8:2::1".parse().unwrap(), false).is_some());
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
