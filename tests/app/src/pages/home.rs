//! The signed-in page, `/`.

use std::time::Duration;

use anyhow::Result;

use crate::browser::Browser;

/// The signed-in page.
#[derive(Clone, Copy)]
pub struct Home<'a> {
    browser: &'a Browser,
}

impl<'a> Home<'a> {
    /// Waits for all of it: the heading may be there before the rest is.
    pub async fn shown(browser: &'a Browser) -> Result<Self> {
        browser.wait_for("heading", "Signed in").await?;
        browser.wait_for("button", "Sign out").await?;
        Ok(Self { browser })
    }

    /// The text of the page.
    pub async fn text(&self) -> Result<String> {
        self.browser.text_of("document.querySelector('main').innerText").await
    }

    /// What the page says of the connection, empty where all is well.
    pub async fn status(&self) -> Result<String> {
        self.browser.text_of("document.querySelector('[role=status]').innerText").await
    }

    /// Waits until it says so.
    pub async fn wait_for_status(&self, status: &str) -> Result<()> {
        let look = async || Ok((self.status().await? == status).then_some(()));
        self.browser.until_within(Duration::from_secs(30), &format!("status {status:?}"), look).await
    }

    /// The text of the region "Projects".
    pub async fn projects(&self) -> Result<String> {
        self.browser.text_of("document.querySelector('section[aria-labelledby=projects]').innerText").await
    }

    /// Waits until the projects are there.
    pub async fn wait_for_projects(&self) -> Result<()> {
        let look = async || Ok(self.projects().await?.contains("24").then_some(()));
        self.browser.until("the projects", look).await
    }

    /// Signs out.
    pub async fn sign_out(&self) -> Result<()> {
        self.browser.click("button", "Sign out").await
    }
}
