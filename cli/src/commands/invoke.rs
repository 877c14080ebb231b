//! Calling a function over the message bus.

use super::input;
use crate::{
    args::InvokeArgs,
    error::CliError,
    session::{self, Session},
};
use base64::{engine::general_purpose::STANDARD, Engine};
use grid_types::bus::{Invoke, Invoked, FUNCTION_INVOKE};
use serde_json::json;
use std::io::IsTerminal;

pub async fn run(session: &Session, args: InvokeArgs) -> Result<(), CliError> {
    let body = input(&args.data)?;
    let chain = session.chain().await?;
    let view = chain.best().await?;
    let me = session.me(&view).await?;
    let contract = session::contract(&view, args.contract).await?;
    let node = session::node(&view, contract.node_id).await?;
    let bus = me.bus(&chain, &node).await?;
    let request = Invoke { contract_id: args.contract, name: args.name, body, content_type: args.content_type };
    let answer: Invoked = bus.call(FUNCTION_INVOKE, &request).await?;
    print(session, &answer);
    if answer.status >= 400 {
        let message = format!("the function answered with status {}", answer.status);
        return Err(CliError::failed("function_status", message).hint("its answer is above"));
    }
    Ok(())
}

fn print(session: &Session, answer: &Invoked) {
    if !session.out.json {
        session.out.bytes(&answer.body);
        // So that the prompt stands on a line of its own; a file or pipe gets the answer as it is.
        if std::io::stdout().is_terminal() && !answer.body.ends_with(b"\n") {
            session.out.bytes(b"\n");
        }
        return;
    }
    let body = match std::str::from_utf8(&answer.body) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "base64": STANDARD.encode(&answer.body) }),
    };
    let json = json!({ "status": answer.status, "headers": answer.headers, "body": body });
    session.out.fields(json, crate::output::Fields::default());
}
