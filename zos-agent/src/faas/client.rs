//! The REST client.

use super::{
    wire::{FunctionSpec, FunctionStatus, Listed, Reading},
    SecretSpec,
};
use grid_types::bus::Invoked;
use reqwest::{header, Method, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::{collections::BTreeMap, fmt, time::Duration};

/// How long the gateway may take for anything but a call of a function. Compiling a large module is what takes longest.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a call may take: the longest that a deployment can ask for, and some.
const CALL_PATIENCE: Duration = Duration::from_secs(310);
/// The largest answer of a function that is passed on, bytes: what fits into one message of the bus.
const MAX_ANSWER: usize = 6 << 20;
/// Where secrets are made and removed.
const SECRETS: &str = "/system/secrets";
/// The most of an error's text that is kept, bytes.
const MAX_REASON: usize = 500;

/// Where a gateway is and who may command it.
#[derive(Clone)]
pub struct Endpoint {
    url: String,
    user: String,
    password: String,
}

impl Endpoint {
    /// The gateway at a base address such as `http://127.0.0.1:8080`, and the user and password of its `/system`.
    pub fn new(url: &str, user: &str, password: String) -> Self {
        // Paths are appended to it, and `//function` is another path than `/function`.
        Self { url: url.trim_end_matches('/').to_owned(), user: user.to_owned(), password }
    }

    /// The base address, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).field("user", &self.user).finish_non_exhaustive()
    }
}

/// A gateway's client.
#[derive(Clone, Debug)]
pub struct Faas {
    http: reqwest::Client,
    endpoint: Endpoint,
}

/// Why the gateway did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaasError {
    /// It did not answer, or said that it is not able to at the moment.
    #[error("the gateway is not available: {0}")]
    Unavailable(String),
    /// It tried and failed, which says nothing about the next time.
    #[error("the gateway failed ({status}): {reason}")]
    Failed {
        /// HTTP status.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// It will not do this, however often it is asked.
    #[error("the gateway refused ({status}): {reason}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        reason: String,
    },
    /// There is no such function.
    #[error("the gateway has no such function")]
    NotFound,
    /// The function's answer is too large to pass on.
    #[error("the function's answer is larger than {MAX_ANSWER} bytes")]
    AnswerTooLarge,
}

/// A line of a function's log, as OpenFaaS' `/system/logs` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WrittenLine {
    /// The function.
    #[serde(default)]
    pub name: String,
    /// Which instance wrote it.
    #[serde(default)]
    pub instance: String,
    /// RFC 3339.
    #[serde(default)]
    pub timestamp: String,
    /// The line.
    #[serde(default)]
    pub text: String,
}

impl FaasError {
    /// Whether asking again later can help.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Failed { .. })
    }
}

impl From<reqwest::Error> for FaasError {
    fn from(error: reqwest::Error) -> Self {
        // The address says nothing new and the source says what happened.
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Self::Unavailable(format!("{error}{cause}"))
    }
}

impl Faas {
    /// A client of the gateway at `endpoint`. Nothing is asked yet.
    pub fn new(endpoint: Endpoint) -> Result<Self, FaasError> {
        // The client wants a provider even for plain HTTP. This fails only if there is one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, endpoint })
    }

    /// All functions of the gateway, also those that are nobody's here.
    pub async fn list(&self) -> Result<Vec<Listed>, FaasError> {
        let answer = self.system(Method::GET, "/system/functions").send().await?;
        let functions: Option<Vec<FunctionStatus>> = success(answer).await?.json().await?;
        Ok(functions.unwrap_or_default().into_iter().map(FunctionStatus::listed).collect())
    }

    /// A function's counters; `None` if there is no such function or the gateway does not count.
    pub async fn reading(&self, function: &str) -> Result<Option<Reading>, FaasError> {
        let answer = self.system(Method::GET, &format!("/system/function/{function}?usage=1")).send().await?;
        match success(answer).await {
            Ok(answer) => Ok(answer.json::<FunctionStatus>().await?.usage.map(|usage| usage.reading())),
            Err(FaasError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One function; `None` if the gateway does not have it.
    pub async fn status(&self, function: &str) -> Result<Option<Listed>, FaasError> {
        let answer = self.system(Method::GET, &format!("/system/function/{function}")).send().await?;
        match success(answer).await {
            Ok(answer) => Ok(Some(answer.json::<FunctionStatus>().await?.listed())),
            Err(FaasError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a function that is not there, as far as one knows.
    pub async fn create(&self, spec: &FunctionSpec) -> Result<(), FaasError> {
        match self.deploy(Method::POST, spec).await {
            // Perhaps since it is there after all.
            Err(refused @ FaasError::Refused { .. }) => match self.deploy(Method::PUT, spec).await {
                Err(FaasError::NotFound) => Err(refused),
                outcome => outcome,
            },
            outcome => outcome,
        }
    }

    /// Replaces a function, or makes it. The gateway swaps only after the new one can run.
    pub async fn replace(&self, spec: &FunctionSpec) -> Result<(), FaasError> {
        match self.deploy(Method::PUT, spec).await {
            Err(FaasError::NotFound) => self.deploy(Method::POST, spec).await,
            outcome => outcome,
        }
    }

    async fn deploy(&self, method: Method, spec: &FunctionSpec) -> Result<(), FaasError> {
        success(self.system(method, "/system/functions").json(spec).send().await?).await.map(drop)
    }

    /// Makes a secret, or gives it another value.
    pub async fn put_secret(&self, secret: &SecretSpec) -> Result<(), FaasError> {
        let body = json!({ "name": secret.name, "value": secret.value });
        let send = |method| async { success(self.system(method, SECRETS).json(&body).send().await?).await.map(drop) };
        match send(Method::PUT).await {
            Err(FaasError::NotFound) => send(Method::POST).await.map_err(|error| match error {
                FaasError::NotFound => FaasError::Refused {
                    status: StatusCode::NOT_FOUND.as_u16(),
                    reason: "this gateway keeps no secrets".to_owned(),
                },
                error => error,
            }),
            outcome => outcome,
        }
    }

    /// Removes a secret. One that is not there is removed already.
    pub async fn remove_secret(&self, name: &str) -> Result<(), FaasError> {
        let request = self.system(Method::DELETE, SECRETS).json(&json!({ "name": name }));
        match success(request.send().await?).await {
            Ok(_) | Err(FaasError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes a function. One that is not there is removed already.
    pub async fn remove(&self, function: &str) -> Result<(), FaasError> {
        let request = self.system(Method::DELETE, "/system/functions").json(&json!({ "functionName": function }));
        match success(request.send().await?).await {
            Ok(_) | Err(FaasError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the gateway has a module.
    pub async fn has_module(&self, sha256: &str) -> Result<bool, FaasError> {
        match success(self.system(Method::HEAD, &module_path(sha256)).send().await?).await {
            Ok(_) => Ok(true),
            Err(FaasError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Hands a module to the gateway, which checks its digest and compiles it.
    pub async fn put_module(&self, sha256: &str, module: Vec<u8>) -> Result<(), FaasError> {
        let request = self.system(Method::PUT, &module_path(sha256)).header(header::CONTENT_TYPE, "application/wasm");
        match success(request.body(module).send().await?).await {
            Ok(_) => Ok(()),
            Err(FaasError::NotFound) => Err(FaasError::Refused {
                status: StatusCode::NOT_FOUND.as_u16(),
                reason: "this gateway takes no modules; use the embedded one".to_owned(),
            }),
            Err(error) => Err(error),
        }
    }

    /// What a function wrote to its log: the last `tail` lines of those from `since` on (RFC 3339), oldest first. Lines that the
    /// gateway says are another function's are left out.
    pub async fn logs(&self, function: &str, since: Option<&str>, tail: u32) -> Result<Vec<WrittenLine>, FaasError> {
        let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
        let path = format!("/system/logs?name={function}&tail={tail}&follow=false{since}");
        let mut answer = success(self.system(Method::GET, &path).send().await?).await?;
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            text.extend_from_slice(&chunk);
            if text.len() > MAX_ANSWER {
                return Err(FaasError::AnswerTooLarge);
            }
        }
        // A line that is none, such as an empty one, is no reason to keep the others from their owner.
        let lines = text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
        let own = |line: &WrittenLine| line.name.is_empty() || line.name == function;
        let mut lines: Vec<_> = lines.filter(own).collect();
        let surplus = lines.len().saturating_sub(tail as usize);
        lines.drain(..surplus);
        Ok(lines)
    }

    /// Calls a function in the owner's name. Whatever status the function gives is its answer.
    pub async fn invoke(
        &self,
        function: &str,
        body: Vec<u8>,
        content_type: Option<&str>,
    ) -> Result<Invoked, FaasError> {
        let request = self
            .system(Method::POST, &format!("/function/{function}"))
            .timeout(CALL_PATIENCE)
            .header(header::CONTENT_TYPE, content_type.unwrap_or("application/octet-stream"))
            .body(body);
        let mut answer = request.send().await?;
        let status = answer.status().as_u16();
        let headers = readable_headers(answer.headers());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(FaasError::AnswerTooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Invoked { status, headers, body })
    }

    fn system(&self, method: Method, path: &str) -> RequestBuilder {
        let Endpoint { url, user, password } = &self.endpoint;
        self.http.request(method, format!("{url}{path}")).basic_auth(user, Some(password)).timeout(PATIENCE)
    }
}

fn module_path(sha256: &str) -> String {
    format!("/system/modules/{sha256}")
}

fn readable_headers(headers: &header::HeaderMap) -> BTreeMap<String, String> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

/// The answer if it says that all went well.
async fn success(answer: Response) -> Result<Response, FaasError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    if status == StatusCode::NOT_FOUND {
        return Err(FaasError::NotFound);
    }
    let mut reason = said(answer.text().await.unwrap_or_default());
    reason.truncate(reason.floor_char_boundary(MAX_REASON));
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::UNAUTHORIZED
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => FaasError::Unavailable(format!("{status} {reason}")),
        status if status.is_server_error() => FaasError::Failed { status: status.as_u16(), reason },
        status => FaasError::Refused { status: status.as_u16(), reason },
    })
}

/// What people should read of an error's body: the embedded gateway says it in JSON, OpenFaaS in plain text.
fn said(body: String) -> String {
    let json: Option<serde_json::Value> = serde_json::from_str(&body).ok();
    let message = json.as_ref().and_then(|json| json.pointer("/error/message")).and_then(serde_json::Value::as_str);
    message.unwrap_or(&body).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn an_error_is_told_in_words_whatever_its_wrapping() {
        assert_eq!(said(r#"{"error":{"code":"x","message":"too small"}}"#.to_owned()), "too small");
        assert_eq!(said("unable to deploy\n".to_owned()), "unable to deploy");
        assert_eq!(said(r#"{"other":1}"#.to_owned()), r#"{"other":1}"#);
    }
}
