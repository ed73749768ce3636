//! What becomes of a callback, `/login/sso_callback`, and the alerts there and above the form.

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::browser::Browser;

/// The callback page.
#[derive(Clone, Copy)]
pub struct Callback<'a> {
    browser: &'a Browser,
}

/// A failure, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// `data-error`.
    pub code: String,
    /// Its heading.
    pub heading: String,
    /// All of its text.
    pub text: String,
    /// The names of its buttons.
    pub buttons: Vec<String>,
}

const READ: &str = "
    const alert = document.querySelector('[role=alert][data-error]');
    return alert && {
        code: alert.dataset.error,
        heading: alert.querySelector('h1, h2, h3')?.innerText,
        text: alert.innerText,
        buttons: [...alert.querySelectorAll('button')].map(button => button.innerText),
        elements: [...alert.querySelectorAll('*')].map(element => element.localName),
    };";

impl Alert {
    /// Waits for one with that code, and for the focus on it.
    pub async fn shown(browser: &Browser, code: &str) -> Result<Self> {
        let alert = browser.until(&format!("an alert {code}"), async || Ok(Self::read(browser, code).await?)).await?;
        let has_focus = "return document.activeElement?.getAttribute('role') === 'alert';";
        let look = async || Ok((browser.script(has_focus, Vec::new()).await? == true).then_some(()));
        browser.until("focus on the alert", look).await?;
        ensure!(browser.tree().await?.all("alert").count() == 1, "one alert for assistive technology");
        ensure!(!alert.heading.is_empty(), "no heading: {alert:?}");
        ensure!(alert.text.contains(&format!("Error code: {code}")), "the code is not shown: {alert:?}");
        Ok(alert)
    }

    /// Is there an alert?
    pub async fn is_shown(browser: &Browser) -> Result<bool> {
        Ok(!browser.script(READ, Vec::new()).await?.is_null())
    }

    async fn read(browser: &Browser, code: &str) -> Result<Option<Self>> {
        let found = browser.script(READ, Vec::new()).await?;
        if found.is_null() {
            return Ok(None);
        }
        ensure!(found["code"] == code, "another alert: {found}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| -> Vec<String> { value.as_array().into_iter().flatten().map(text).collect() };
        // Whatever others wrote is text: nothing but our own elements ever stands in an alert.
        for element in list(&found["elements"]) {
            ensure!(["h2", "p", "span", "div", "button"].contains(&element.as_str()), "<{element}> in {found}");
        }
        let buttons = list(&found["buttons"]);
        Ok(Some(Self {
            code: text(&found["code"]),
            heading: text(&found["heading"]),
            text: text(&found["text"]),
            buttons,
        }))
    }
}

impl<'a> Callback<'a> {
    /// Waits for the status that says that the sign-in is being completed.
    pub async fn waiting(browser: &'a Browser) -> Result<Self> {
        let callback = Self { browser };
        let look = async || Ok(callback.status().await?.contains("Completing sign-in…").then_some(()));
        browser.until("Completing sign-in…", look).await?;
        Ok(callback)
    }

    /// Waits for a failure; the address is then bare.
    pub async fn failed(browser: &'a Browser, code: &str) -> Result<(Self, Alert)> {
        let alert = Alert::shown(browser, code).await?;
        let address = browser.address().await?;
        ensure!(address.trim_end_matches('/') == "/login/sso_callback", "address: {address}");
        Ok((Self { browser }, alert))
    }

    /// The text of the status, empty where there is none.
    pub async fn status(&self) -> Result<String> {
        self.browser.text_of("document.querySelector('[role=status]')?.innerText").await
    }

    /// Presses "Start over".
    pub async fn start_over(&self) -> Result<()> {
        self.browser.click("button", "Start over").await
    }

    /// Presses "Try again".
    pub async fn try_again(&self) -> Result<()> {
        self.browser.click("button", "Try again").await
    }
}
