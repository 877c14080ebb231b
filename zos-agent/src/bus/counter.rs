//! What both doors share: a command whose sender is known is counted, heard once, carried out, and its answer kept.

use super::{
    answers::{changes_something, Answers, Outcome},
    handlers::Desk,
    introduce::Introducer,
    limits::Limits,
    replay::ReplayGuard,
};
use crate::{clock, metrics::Metrics};
use grid_types::{
    bus::{Code, Failure, MessageId, HELLO},
    deployment::Digest,
};
use std::{future::Future, sync::Arc};

/// A command, and the twin that is known to have sent it.
pub struct Said {
    /// Who speaks.
    pub source: u32,
    /// Names the message.
    pub id: MessageId,
    /// What he wants.
    pub command: String,
    /// The first second at which the message is good no more, Unix seconds.
    pub deadline: u64,
    /// What the message takes, bytes.
    pub bytes: usize,
    /// Of all that the message says.
    pub content: Digest,
}

/// Where both doors lead to.
pub struct Counter {
    /// How much anybody may ask.
    pub limits: Arc<Limits>,
    /// What was heard before.
    pub replays: ReplayGuard,
    /// What was answered.
    pub answers: Answers,
    /// Says who this node is.
    pub introducer: Arc<Introducer>,
    /// What carries out.
    pub desk: Arc<Desk>,
    /// Where refusals are counted.
    pub metrics: Metrics,
}

impl Counter {
    /// Carries a command out, once. The payload is opened only after everything else was found right.
    pub async fn serve(&self, said: Said, payload: impl FnOnce() -> Result<Vec<u8>, Failure> + Send) -> Outcome {
        let Said { source, id, command, deadline, bytes, content } = said;
        let _turn = self.limits.twin(source, bytes)?;
        let kept = changes_something(&command);
        // Before it is heard: whoever repeats it meanwhile is not to take it for done, or for lost.
        let _in_flight = if kept { self.answers.begin((source, id), content)? } else { None };
        if let Err(failure) = self.replays.admit(source, id, deadline, clock::now()) {
            let before = (failure.code == Code::Replayed).then(|| self.answers.find(source, id, &content)).flatten();
            return before.unwrap_or(Err(failure));
        }
        tracing::debug!(%id, twin = source, command, "command");
        let payload = payload()?;
        if command == HELLO {
            return self.introducer.answer(&payload);
        }
        let outcome = self.desk.handle(source, &command, payload).await;
        if kept {
            self.answers.keep((source, id), content, &outcome, deadline, clock::now());
        }
        outcome
    }
}

/// Runs in a task of its own: a caller who hangs up does not cut a command in half, and a bug in a handler is answered.
pub async fn shielded(work: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
    tokio::spawn(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a command broke off");
        Err(Failure::new(Code::Internal, "the node failed on this; its log says why"))
    })
}
