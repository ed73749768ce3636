//! The signed-in page, `/`.

use anyhow::Result;

use crate::browser::Browser;

/// The signed-in page.
#[derive(Clone, Copy)]
pub struct Home<'a> {
    browser: &'a Browser,
}

impl<'a> Home<'a> {
    /// Waits for it.
    pub async fn shown(browser: &'a Browser) -> Result<Self> {
        browser.wait_for("heading", "Signed in").await?;
        Ok(Self { browser })
    }

    /// The text of the page.
    pub async fn text(&self) -> Result<String> {
        self.browser.text_of("document.querySelector('main').innerText").await
    }

    /// Signs out.
    pub async fn sign_out(&self) -> Result<()> {
        self.browser.click("button", "Sign out").await
    }
}
