//! View functions: questions that the runtime answers itself.
//!
//! The runtime has one door for all of them, `RuntimeViewFunction_execute_view_function(id, input: Vec<u8>)`, whose answer is
//! `Result<Vec<u8>, ViewFunctionDispatchError>`. subxt's own `view_functions().call` leaves out the length of the input and
//! does not open the result, so only its encoding and decoding of the values inside is used here.

use super::{mismatch, View};
use crate::{
    error::ChainError,
    runtime::api::{self, runtime_types::frame_support::view_functions::ViewFunctionId},
};
use subxt::{
    error::RuntimeApiError,
    ext::{frame_decode::view_functions::decode_view_function_response, scale_decode::IntoVisitor},
    view_functions::Payload,
};

impl View {
    /// The answer of a view function.
    pub(super) async fn ask<P: Payload>(&self, call: P) -> Result<P::ReturnType, ChainError> {
        let what = format!("{}.{}", call.pallet_name(), call.function_name());
        let views = self.at.view_functions();
        views.validate(&call).map_err(|error| mismatch(&what, error))?;
        let request = views.encode_args(&call).map_err(|error| mismatch(&what, error))?;
        let (id, input) = split(&request).ok_or_else(|| mismatch(&what, "the function has no id"))?;
        let execute = api::runtime_apis().runtime_view_function().execute_view_function(id, input);
        let answer = self.at.runtime_apis().call(execute).await.map_err(|error| match error {
            RuntimeApiError::CannotCallApi(reason) => self.connection.backend_failed(reason),
            RuntimeApiError::CouldNotDecodeResponse(reason) => ChainError::unreadable(&what, reason),
            other => mismatch(&what, other),
        })?;
        let answer = answer.map_err(|refusal| mismatch(&what, format!("{refusal:?}")))?;
        let metadata = self.at.metadata_ref();
        decode_view_function_response(
            call.pallet_name(),
            call.function_name(),
            &mut answer.as_slice(),
            metadata,
            metadata.types(),
            P::ReturnType::into_visitor(),
        )
        .map_err(|error| ChainError::unreadable(&what, error))
    }
}

/// A view function's id and its arguments, out of subxt's encoding of both.
fn split(request: &[u8]) -> Option<(ViewFunctionId, Vec<u8>)> {
    let (prefix, rest) = request.split_first_chunk()?;
    let (suffix, input) = rest.split_first_chunk()?;
    Some((ViewFunctionId { prefix: *prefix, suffix: *suffix }, input.to_vec()))
}
