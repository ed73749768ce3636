//! One call of the API: where it goes, and what its absence means.

use crate::api::answer::Answer;
use crate::api::request::Request;
use crate::browser::fetch::{self, Bearer, NoAnswer, Sent};
use crate::browser::meta;
use crate::browser::url::BrowserUrls;
use crate::domain::config::{API_BASE, API_KEY, Config};
use crate::domain::failure::Failure;

/// Reads the settings of this deployment.
///
/// # Errors
///
/// `bad_config` where one of them cannot be used (contract §2).
pub fn load_config() -> Result<Config, Failure> {
    Config::parse(&meta::content(API_BASE), &meta::content(API_KEY), &BrowserUrls).map_err(Failure::BadConfig)
}

/// Sends one of the four authentication calls; it is under way when this returns. `None`, a body that could not be written, is not sent.
///
/// # Errors
///
/// `network_error` where the browser cannot send it.
pub fn send(config: &Config, request: Option<Request>) -> Result<Sent, Failure> {
    let request = request.ok_or(Failure::NetworkError)?;
    let bearer = config.api_key().map_or(Bearer::None, Bearer::Key);
    fetch::send(&config.api_url(&request.path), bearer, &request).map_err(failure)
}

/// Waits for the answer.
///
/// # Errors
///
/// `network_error` or `timeout`. What an answer means is for the endpoint to say.
pub async fn answer(sent: Sent) -> Result<Answer, Failure> {
    sent.answer(fetch::TIME_LIMIT).await.map_err(failure)
}

/// What it means that there is no answer.
pub(super) const fn failure(no_answer: NoAnswer) -> Failure {
    match no_answer {
        NoAnswer::Network => Failure::NetworkError,
        NoAnswer::TimeLimit => Failure::Timeout,
    }
}
