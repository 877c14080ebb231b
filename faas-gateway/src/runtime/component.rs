//! A `wasi:http/proxy` component: takes a request, gives an answer, both as streams. Status and headers are its own.
//!
//! An answer begins when the component has set it, and goes on while it writes. What goes wrong after that cannot
//! change the status any more: the answer breaks off, so that the caller sees that it is not whole.

use super::{
    call::{Call, CallError, Circumstances, Ended},
    compiled::Component,
    engine::Runtime,
    input::{Input, InputError},
    log::Lines,
    turn::{Interrupted, Run, Turns},
};
use hyper::{Request, Response};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use wasmtime_wasi_http::{bindings::http::types::ErrorCode, body::HyperOutgoingBody, WasiHttpView as _};

/// The head of an answer, and its body as it comes.
pub(crate) type Answer = Response<HyperOutgoingBody>;
type Answered = Result<Answer, ErrorCode>;

impl Runtime {
    /// Gives a component its request and waits for the head of its answer. The component itself goes on as one of
    /// `tasks` until it has ended; how it ended is then logged. Cancelling the call ends it.
    pub async fn component(
        &self,
        component: Component,
        call: Call,
        request: Request<Input>,
        tasks: &TaskTracker,
    ) -> Result<Answer, CallError> {
        let circumstances = Circumstances::of(&call, request.body());
        let (mut store, control) = self.store(&call, None)?;
        let (pace, crew, lines) = (call.pace.clone(), self.crew.clone(), call.log.clone());
        let (sender, answered) = oneshot::channel();
        let run: Run<Ended> = Box::pin(async move {
            let result = async {
                let guest = store.data_mut();
                let request = guest.take_request(request)?;
                let answer = guest.new_response_outparam(sender)?;
                let proxy = component.proxy.instantiate_async(&mut store).await?;
                proxy.wasi_http_incoming_handler().call_handle(&mut store, request, answer).await
            }
            .await;
            store.data_mut().ended_well = result.is_ok();
            let ended = Ended { result, refusal: store.data().limiter.refusal };
            drop(store);
            drop(call);
            ended
        });
        match Turns::new(run, control, pace, crew).first().await {
            Ok(ended) => conclude(&circumstances, Ok(ended), answered),
            Err(turns) => {
                let (report, reported) = oneshot::channel();
                tasks.spawn(async move {
                    let ended = turns.rest().await;
                    // Whoever waited for the head names the failure; after that nobody does.
                    if let Err((circumstances, ended)) = report.send((circumstances, ended)) {
                        log_failure(&circumstances, ended, &lines);
                    }
                });
                head_of(answered, reported).await
            },
        }
    }
}

type Report = (Circumstances, Result<Ended, Interrupted>);

/// Whatever comes first: an answer, or the end of the component without one.
async fn head_of(
    answered: oneshot::Receiver<Answered>,
    reported: oneshot::Receiver<Report>,
) -> Result<Answer, CallError> {
    match answered.await {
        Ok(answer) => answer.map_err(|error| CallError::Answer(error_text(&error))),
        Err(_) => match reported.await {
            Ok((circumstances, ended)) => Err(circumstances.judge(ended).err().unwrap_or(CallError::NoAnswer)),
            Err(_) => Err(CallError::Internal("its task broke down".into())),
        },
    }
}

/// For a component that ended in its first turn.
fn conclude(
    circumstances: &Circumstances,
    ended: Result<Ended, Interrupted>,
    mut answered: oneshot::Receiver<Answered>,
) -> Result<Answer, CallError> {
    circumstances.judge(ended)?;
    match answered.try_recv() {
        Ok(answer) => answer.map_err(|error| CallError::Answer(error_text(&error))),
        Err(_) => Err(CallError::NoAnswer),
    }
}

fn log_failure(circumstances: &Circumstances, ended: Result<Ended, Interrupted>, lines: &Lines) {
    if let Err(error) = circumstances.judge(ended) {
        lines(&format!("{error} (after its answer had begun)"));
    }
}

/// What a component or another server says of a request that failed.
fn error_text(error: &ErrorCode) -> String {
    match error {
        ErrorCode::InternalError(Some(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}

impl From<InputError> for ErrorCode {
    fn from(error: InputError) -> Self {
        match error {
            InputError::TooLarge(limit) => Self::HttpRequestBodySize(Some(limit as u64)),
            InputError::Slow(_) => Self::ConnectionReadTimeout,
            InputError::Broken(_) => Self::ConnectionTerminated,
        }
    }
}
