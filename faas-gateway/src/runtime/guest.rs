//! What one running instance owns on the host's side.

use super::{egress::Outgoing, input::Input, limits::Limiter, ticker::Ticking};
use http_body_util::BodyExt as _;
use hyper::Request;
use std::time::Duration;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::{preview1::WasiP1Ctx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    bindings::http::types::{ErrorCode, Scheme},
    body::{HostIncomingBody, HostOutgoingBody, HyperOutgoingBody, StreamContext},
    types::{HostFutureIncomingResponse, HostIncomingRequest, OutgoingRequestConfig},
    HttpResult, WasiHttpCtx, WasiHttpView,
};

/// Things of the host (streams, headers, requests) that one instance may hold at once: bounds what they take of the
/// host's memory.
const RESOURCES: usize = 1_000;
/// The largest set of headers, in bytes of memory.
const HEADER_BYTES: usize = 256 << 10;
/// How long a request's body may pause. The body itself is stricter: it has to arrive whole within a time.
const BODY_PAUSE: Duration = Duration::from_secs(600);
/// How much of an answer's body may be on its way between a guest and its caller: this many pieces of a guest's size.
const CHUNKS_AHEAD: usize = 2;
/// The largest such piece, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// A store's data: the guest's world, its bounds and its meter. Dropping it gives back what it held.
///
/// Both kinds of guests have the same world: preview 1 is made of the same parts as what components import.
pub(crate) struct Guest {
    wasi: WasiP1Ctx,
    http: WasiHttpCtx,
    outgoing: Outgoing,
    pub(super) limiter: Limiter,
    /// It came to its own end. If not, what it had begun to send must not look whole.
    pub(super) ended_well: bool,
    _ticking: Ticking,
}

impl Guest {
    pub(super) fn new(mut wasi: WasiP1Ctx, outgoing: Outgoing, limiter: Limiter, ticking: Ticking) -> Self {
        WasiView::ctx(&mut wasi).table.set_max_capacity(RESOURCES);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADER_BYTES);
        Self { wasi, http, outgoing, limiter, ended_well: false, _ticking: ticking }
    }

    /// Takes a request up for the guest.
    pub(super) fn take_request(&mut self, request: Request<Input>) -> wasmtime::Result<Resource<HostIncomingRequest>> {
        let (head, body) = request.into_parts();
        let body = HostIncomingBody::new(body.map_err(ErrorCode::from).boxed(), BODY_PAUSE, HEADER_BYTES);
        let request = HostIncomingRequest::new(self, head, Scheme::Http, Some(body), HEADER_BYTES)?;
        Ok(WasiHttpView::table(self).push(request)?)
    }

    pub(super) fn wasi(&mut self) -> &mut WasiP1Ctx {
        &mut self.wasi
    }
}

// A table that goes ends the bodies in it as if they were whole.
impl Drop for Guest {
    fn drop(&mut self) {
        if self.ended_well {
            return;
        }
        let table = WasiView::ctx(&mut self.wasi).table;
        for key in 0..RESOURCES as u32 {
            let thing = table.get_any_mut(key).ok();
            if let Some(body) = thing.and_then(|thing| thing.downcast_mut::<HostOutgoingBody>()) {
                let (empty, _) = HostOutgoingBody::new(StreamContext::Response, None, 1, 1);
                std::mem::replace(body, empty).abort();
            }
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiView::ctx(&mut self.wasi)
    }
}

impl WasiHttpView for Guest {
    fn ctx(&mut self) -> &mut WasiHttpCtx {
        &mut self.http
    }

    fn table(&mut self) -> &mut ResourceTable {
        WasiView::ctx(&mut self.wasi).table
    }

    fn send_request(
        &mut self,
        request: Request<HyperOutgoingBody>,
        config: OutgoingRequestConfig,
    ) -> HttpResult<HostFutureIncomingResponse> {
        Ok(self.outgoing.send(request, config)?)
    }

    fn outgoing_body_buffer_chunks(&mut self) -> usize {
        CHUNKS_AHEAD
    }

    fn outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK_BYTES
    }
}
