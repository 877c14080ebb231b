//! Choices from bytes. A zero, and the bytes after the last, choose what is most plausible; high bytes choose what an honest
//! client would not send.

/// The bytes that choose the arguments of one call.
pub struct Draw<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Draw<'a> {
    /// Draws from these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or_default()
    }

    /// One of a few; a zero for the first.
    pub fn one_of<T: Clone>(&mut self, options: &[T]) -> T {
        options[usize::from(self.byte()) % options.len()].clone()
    }

    /// Mostly one of those for which the call makes sense, else any; a zero for the last and newest. None if there are none.
    pub fn one_of_fitting<T: Clone>(&mut self, all: &[T], fits: impl Fn(&T) -> bool) -> Option<T> {
        let byte = self.byte();
        let fitting: Vec<&T> = all.iter().filter(|item| fits(item)).collect();
        let pool = if byte < 208 && !fitting.is_empty() { fitting } else { all.iter().collect() };
        let back = usize::from(byte).checked_rem(pool.len())?;
        pool.iter().rev().nth(back).map(|item| (*item).clone())
    }

    /// Mostly `number` itself; else one beside it, the least, the largest.
    pub fn id(&mut self, number: u64) -> u64 {
        match self.byte() {
            0..=229 => number,
            230..=235 => number.wrapping_add(1),
            236..=241 => number.wrapping_sub(1),
            242..=248 => 0,
            _ => u64::MAX,
        }
    }

    /// The same for shorter numbers.
    pub fn id32(&mut self, number: u32) -> u32 {
        match self.id(u64::from(number)) {
            u64::MAX => u32::MAX,
            id => id as u32,
        }
    }

    /// Around what is plausible, with its edges and those of the type; a zero for just that.
    pub fn amount(&mut self, plausible: u128) -> u128 {
        match self.byte() {
            0..=99 => plausible,
            100..=129 => plausible / 2,
            130..=149 => plausible.saturating_mul(3),
            150..=169 => plausible / 100,
            170..=184 => plausible.saturating_sub(1),
            185..=199 => plausible.saturating_add(1),
            200..=209 => plausible.saturating_mul(1_000),
            210..=219 => 1,
            220..=234 => 0,
            235..=244 => u128::from(u64::MAX),
            _ => u128::MAX,
        }
    }

    /// The same for shorter numbers.
    pub fn amount64(&mut self, plausible: u64) -> u64 {
        u64::try_from(self.amount(u128::from(plausible))).unwrap_or(u64::MAX)
    }
}
