//! What several themes need.

use anyhow::{Context as _, Result};
use app_tests::browser::Browser;
use app_tests::pages::Alert;
use app_tests::stand::Stand;
use serde_json::{Value, json};

/// Who signs in.
pub(crate) const EMAIL: &str = "admin@example.com";

/// What the browser itself logs when an answer has an error status, or does not come.
pub(crate) const FAILED_LOAD: &str = "Failed to load resource";

/// The key of the pending sign-in (contract §4.3).
pub(crate) const PENDING: &str = "indee.sso.pending";

/// Notes whether the browser restored the page as it had kept it, for [`Browser::before_every_page`].
pub(crate) const NOTE_PAGESHOW: &str =
    "addEventListener('pageshow', event => { window.wasPersisted = event.persisted; });";

/// A parameter of a query, decoded; empty where there is none.
pub(crate) fn parameter(query: &str, name: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// The query of the newest authorization request to the provider.
pub(crate) fn authorization_query(stand: &Stand) -> Result<String> {
    let received = stand.sandbox.received();
    let newest = received.iter().rfind(|request| request.path == "/authorize" && request.method == "GET");
    newest.and_then(|request| request.query.clone()).context("no authorization request")
}

/// The query of the newest callback.
pub(crate) fn callback_query(stand: &Stand) -> Result<String> {
    let requests = stand.site_requests();
    let newest = requests.iter().rev().find_map(|request| request.target.strip_prefix("/login/sso_callback?"));
    Ok(newest.context("no callback")?.to_owned())
}

/// What the newest sign-in must have sent to the login API (contract §1): code and state as the provider gave them, the nonce
/// as the API gave it.
pub(crate) fn expected_login(stand: &Stand, email: &str) -> Result<Value> {
    let (sent, back) = (authorization_query(stand)?, callback_query(stand)?);
    Ok(json!({
        "state": parameter(&sent, "state"),
        "nonce": parameter(&sent, "nonce"),
        "email": email,
        "code": parameter(&back, "code"),
        "error": false,
        "error_description": {},
    }))
}

/// What is stored under a key.
pub(crate) async fn stored(stand: &Stand, key: &str) -> Result<Option<String>> {
    let value = stand.browser.script("return sessionStorage.getItem(arguments[0]);", vec![key.into()]).await?;
    Ok(value.as_str().map(str::to_owned))
}

/// Puts something under a key; the page must be one of the app's origin.
pub(crate) async fn store(stand: &Stand, key: &str, value: &str) -> Result<()> {
    let arguments = vec![key.into(), value.into()];
    stand.browser.script("sessionStorage.setItem(arguments[0], arguments[1]);", arguments).await?;
    Ok(())
}

/// Waits until the login API was called so many times. Faults that cut connections let the browser repeat a request.
pub(crate) async fn wait_for_logins(stand: &Stand, count: usize) -> Result<()> {
    let count_now = || stand.api_requests(sandbox::Endpoint::Login).len();
    let look = async || Ok((count_now() >= count).then_some(()));
    stand.browser.until(&format!("{count} logins"), look).await
}

/// What an alert must say.
pub(crate) struct Expected {
    /// The error code.
    pub(crate) code: &'static str,
    /// The API's status code.
    pub(crate) status: Option<&'static str>,
    /// What it says besides.
    pub(crate) says: &'static str,
}

impl Expected {
    pub(crate) const fn new(code: &'static str, status: Option<&'static str>, says: &'static str) -> Self {
        Self { code, status, says }
    }

    /// Checks the text: what is expected, and nothing that belongs to other failures.
    pub(crate) fn check(&self, alert: &Alert) -> Result<()> {
        let text = &alert.text;
        anyhow::ensure!(text.contains(self.says), "does not say {:?}: {text}", self.says);
        match self.status {
            Some(status) => anyhow::ensure!(text.contains(status), "does not show {status}: {text}"),
            None => anyhow::ensure!(!text.contains("Status of the service"), "shows a status: {text}"),
        }
        let quotes_the_service = text.contains("The sign-in service says");
        anyhow::ensure!(quotes_the_service == (self.code == "login_rejected"), "quotes the service: {text}");
        let says_when = text.contains("You can try again");
        anyhow::ensure!(says_when == self.says.starts_with("You can try again"), "says when: {text}");
        Ok(())
    }
}

/// What every answer of a faulty API means, wherever it comes (contract §1, §6).
pub(crate) fn meaning(fault: sandbox::Fault) -> Option<Expected> {
    use sandbox::Fault;
    Some(match fault {
        Fault::Drop | Fault::Truncated => Expected::new("network_error", None, ""),
        Fault::ServerError => Expected::new("server_error", Some("A5000"), ""),
        Fault::BadGateway => Expected::new("server_error", None, ""),
        Fault::RateLimited => Expected::new("rate_limited", Some("A5001"), "You can try again in 30 seconds."),
        // Two minutes, or a second less.
        Fault::RateLimitedDate => Expected::new("rate_limited", Some("A5001"), "You can try again in "),
        Fault::RateLimitedSilent => Expected::new("rate_limited", Some("A5001"), ""),
        Fault::Rejected => Expected::new("login_rejected", Some("A2002"), "Access Denied"),
        Fault::Forbidden => Expected::new("login_rejected", Some("A2100"), "Not allowed for this account"),
        Fault::Invalid => Expected::new("login_rejected", Some("A4000"), "Invalid input"),
        Fault::Over => Expected::new("login_rejected", Some("A2003"), "The session is over"),
        Fault::Rubbish | Fault::Oversized | Fault::Redirected => Expected::new("bad_response", None, ""),
        Fault::OddCode => Expected::new("bad_response", Some("B0000"), ""),
        Fault::MissingField | Fault::WrongType => Expected::new("bad_response", Some("A0000"), ""),
        Fault::Markup => {
            Expected::new("login_rejected", Some("A2002"), "<img src=x onerror=\"document.title='markup ran'\">")
        }
        _ => return None,
    })
}

/// Foreign words in an alert: as text, without invisible characters, cut (contract §4.8).
pub(crate) fn check_foreign_words(alert: &Alert) -> Result<()> {
    let words = alert.text.lines().find(|line| line.contains("<img")).context("the markup is not shown as text")?;
    anyhow::ensure!(words.contains("<b>bold</b>"), "{words}");
    let invisible = ['\u{202e}', '\u{202c}', '\u{200b}', '\u{feff}', '\u{7}', '\u{2028}'];
    anyhow::ensure!(!words.contains(invisible), "invisible characters: {words:?}");
    let (_, words) = words.split_once("says: ").unwrap_or(("", words));
    anyhow::ensure!(words.chars().count() <= 300, "{} characters", words.chars().count());
    Ok(())
}

/// Opens a page of another origin that has `url` in a frame. On this machine: Chromium keeps others from looking at what is
/// here anyway.
pub(crate) async fn show_in_frame(browser: &Browser, url: &str) -> Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let other = format!("http://localhost:{}/", listener.local_addr()?.port());
    // That it is not to tell where it was asked from is for the search for leftovers.
    let page = "<meta name=referrer content=no-referrer><title>Another</title>";
    let page = axum::Router::new().fallback(async move || axum::response::Html(page));
    let server = tokio::spawn(sandbox::serve(listener, page, std::future::pending()));
    browser.client().goto(&other).await?;
    let script = "
        return new Promise(done => {
            const frame = document.createElement('iframe');
            frame.onload = () => done(true);
            frame.src = arguments[0];
            document.body.append(frame);
        });";
    browser.script(script, vec![url.into()]).await?;
    server.abort();
    Ok(())
}
