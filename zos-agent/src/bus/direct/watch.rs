//! What is known about a connection, and the bounds that follow.
//!
//! A stranger is a connection on which no message has been verified yet, or whose last one was not by whom it said. Strangers
//! may send a little; whoever sends more, such as a module with the first message, waits for one of a few
//! [places](super::places), and has a minute to become known. So the memory that strangers take is bounded: [`FREE`] for each
//! connection and for each place a message of the largest size. Whoever stays a stranger is turned away after a while, however
//! little he sends: seats are for those who have something to say.
//!
//! Of each connection a few messages are worked on at once; while they are, nothing more is read from it.

use super::{
    places::{Line, Place, Places},
    seats::Seat,
};
use futures::task::AtomicWaker;
use grid_types::bus::MAX_MESSAGE;
use std::{
    future::Future,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        Arc,
    },
    task::{ready, Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// What a stranger may send without asking, bytes.
const FREE: usize = 256 << 10;
/// What a stranger may send in all, bytes: the largest message, and room for what is around it.
const MOST: usize = MAX_MESSAGE + FREE;
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

/// A connection that keeps to the bounds above.
pub struct Watched<S> {
    stream: S,
    caller: Arc<Caller>,
    received: usize,
    line: Line,
    /// A place, and until when it is given.
    place: Option<(Place, Pin<Box<Sleep>>)>,
    patience: Duration,
    stay: Pin<Box<Sleep>>,
    /// As it was when more was last read.
    known: bool,
    _seat: Seat,
}

impl<S> Watched<S> {
    /// Watches a connection. `places` are those of all strangers with large messages.
    pub fn new(stream: S, caller: Arc<Caller>, places: &Places, seat: Seat) -> Self {
        let line = places.line(caller.address);
        let stay = Box::pin(tokio::time::sleep(STAY));
        Self { stream, caller, received: 0, line, place: None, patience: PATIENCE, stay, known: false, _seat: seat }
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
            if self.received > FREE {
                self.line.leave();
            }
            (self.place, self.received) = (None, 0);
            return Poll::Ready(Ok(()));
        }
        if self.received > MOST {
            return Poll::Ready(Err(io::Error::other("a stranger sent too much")));
        }
        if self.received > FREE && self.place.is_none() {
            let place = ready!(self.line.poll_place(context)).ok_or_else(|| io::Error::other("the door is closed"))?;
            self.place = Some((place, Box::pin(tokio::time::sleep(self.patience))));
        }
        let patience = self.place.as_mut().map(|(_, patience)| patience.as_mut().poll(context));
        if patience.is_some_and(|patience| patience.is_ready()) {
            return Poll::Ready(Err(io::Error::other("a stranger took too long")));
        }
        Poll::Ready(Ok(()))
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

    use super::{
        super::{places::PLACES, seats::Seats},
        *,
    };
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    struct Bench {
        caller: Arc<Caller>,
        places: Places,
        watched: Watched<DuplexStream>,
        sender: DuplexStream,
    }

    fn bench(places: usize) -> Bench {
        of(HERE, &Places::so_many(places))
    }

    /// A connection of an address.
    fn of(address: IpAddr, places: &Places) -> Bench {
        let (sender, stream) = tokio::io::duplex(64 << 20);
        let caller = Arc::new(Caller::new(address));
        let seat = Seats::new(1).take(address).unwrap();
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
        let other = bench.places.take();
        assert!(waits(&mut bench.watched).await);
        drop(other);
        read(&mut bench.watched, 1 << 20).await.unwrap();
        assert_eq!(bench.places.left(), 0);
        bench.caller.is_known();
        read(&mut bench.watched, 10).await.unwrap();
        assert_eq!(bench.places.left(), 1, "whoever is known needs none");
    }

    #[tokio::test]
    async fn whoever_becomes_known_while_it_waits_leaves_the_place_to_others() {
        let mut bench = bench(1);
        let mut next = of(HERE, &bench.places);
        let other = bench.places.take();
        for waiting in [&mut bench, &mut next] {
            waiting.sender.write_all(&vec![0; 2 * FREE]).await.unwrap();
            read(&mut waiting.watched, FREE + 1).await.unwrap();
            assert!(waits(&mut waiting.watched).await);
        }
        bench.caller.is_known();
        read(&mut bench.watched, 10).await.unwrap();
        drop(other);
        assert!(!waits(&mut next.watched).await);
    }

    #[tokio::test]
    async fn whoever_is_no_longer_known_is_bound_like_any_stranger() {
        let mut bench = bench(1);
        bench.sender.write_all(&vec![0; 2 * MOST]).await.unwrap();
        bench.caller.is_known();
        read(&mut bench.watched, MOST).await.unwrap();
        bench.caller.is_stranger();
        read(&mut bench.watched, FREE + 1).await.unwrap();
        let other = bench.places.take();
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
        assert_eq!(places.left(), PLACES);
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
        assert_eq!(bench.places.left(), 1);
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
}
