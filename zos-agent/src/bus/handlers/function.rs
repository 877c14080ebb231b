//! `zos.function.invoke`: the owner calls a function over the bus.

use super::Desk;
use crate::faas::FaasError;
use grid_types::bus::{Code, Failure, Invoke, Invoked, WorkloadState};

/// What the gateway answers for a function that it does not have.
const NOT_FOUND: u16 = 404;

impl Desk {
    pub(super) async fn invoke(&self, sender: u32, request: Invoke) -> Result<Invoked, Failure> {
        let Invoke { contract_id, name, body, content_type } = request;
        let work = self.senders_work(sender, contract_id).await?;
        if let Some(ended) = work.stored.ended {
            return Err(Failure::new(Code::ContractNotLive, ended.cause));
        }
        let missing =
            || Failure::new(Code::FunctionNotFound, format!("contract {contract_id} has no workload {name:?}"));
        let workload = work.stored.deployment.workload(&name).ok_or_else(missing)?;
        let running = work.standings.get(&name).is_some_and(|standing| standing.state == WorkloadState::Ok);
        let not_ready = || {
            let message = work.standings.get(&name).map_or("accepted", |standing| standing.message.as_str());
            Failure::new(Code::NotReady, format!("{name} does not run yet: {message}"))
        };
        let function = workload.function_name(contract_id);
        match self.faas.invoke(&function, body, content_type.as_deref()).await {
            // A failed update leaves the earlier version serving: what answers, answers.
            Ok(answer) if answer.status == NOT_FOUND && !running => Err(not_ready()),
            Ok(answer) => Ok(answer),
            Err(error @ FaasError::AnswerTooLarge) => Err(Failure::new(Code::TooLarge, error.to_string())),
            Err(error @ FaasError::Unavailable(_)) => {
                tracing::warn!(contract = contract_id, function, %error, "a call failed");
                Err(Failure::new(Code::Internal, "the node's gateway does not answer; try again"))
            },
            Err(error) => Err(Failure::new(Code::FunctionFailed, error.to_string())),
        }
    }
}
