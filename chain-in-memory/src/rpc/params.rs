//! What a caller gave: positional parameters, of which the last may be left out.

use super::refusal;
use jsonrpsee_client::{
    core::RpcResult,
    types::{ErrorObjectOwned, Params},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// JSON-RPC's code of parameters that do not fit.
const INVALID_PARAMS: i32 = -32_602;

/// The parameters of a call.
pub(super) struct Given(Vec<Value>);

impl Given {
    pub fn read(params: &Params) -> RpcResult<Self> {
        let text = params.as_str().unwrap_or("[]");
        serde_json::from_str(text).map(Self).map_err(unfit)
    }

    /// The parameter at this position.
    pub fn get<T: DeserializeOwned>(&self, position: usize) -> RpcResult<T> {
        let value = self.0.get(position).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(unfit)
    }
}

fn unfit(error: serde_json::Error) -> ErrorObjectOwned {
    refusal(INVALID_PARAMS, format!("Invalid params: {error}"))
}
