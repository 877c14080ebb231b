//! What one running instance owns on the host's side.

use super::{limits::Limiter, usage::Meter};
use wasmtime_wasi::preview1::WasiP1Ctx;

/// A store's data: the guest's world, its bounds and its meter. Dropping it gives back what it held.
pub(crate) struct Guest {
    wasi: WasiP1Ctx,
    pub(super) limiter: Limiter,
}

impl Guest {
    pub(super) fn new(wasi: WasiP1Ctx, limiter: Limiter) -> Self {
        Self { wasi, limiter }
    }

    pub(super) fn wasi(&mut self) -> &mut WasiP1Ctx {
        &mut self.wasi
    }

    pub(super) fn meter(&mut self) -> &mut Meter {
        &mut self.limiter.meter
    }
}
