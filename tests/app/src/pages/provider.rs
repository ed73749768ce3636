//! The page of the sandbox's provider.

use anyhow::Result;
use fantoccini::Locator;
use sandbox::Fault;

use crate::browser::Browser;

/// The provider's page.
#[derive(Clone, Copy)]
pub struct Provider<'a> {
    browser: &'a Browser,
}

impl<'a> Provider<'a> {
    /// Waits for it.
    pub async fn shown(browser: &'a Browser) -> Result<Self> {
        browser.wait_for("heading", "Sign in to the sandbox provider").await?;
        browser.wait_for("button", "Sign in").await?;
        Ok(Self { browser })
    }

    /// Signs in.
    pub async fn sign_in(&self) -> Result<()> {
        self.browser.click("button", "Sign in").await
    }

    /// Signs in a moment later: no command of the driver waits for the page that then loads.
    pub async fn sign_in_soon(&self) -> Result<()> {
        let script = "
            const button = [...document.querySelectorAll('button')].find(button => button.innerText === 'Sign in');
            setTimeout(() => button.click(), 200);";
        self.browser.script(script, Vec::new()).await?;
        Ok(())
    }

    /// Refuses.
    pub async fn refuse(&self) -> Result<()> {
        self.browser.click("button", "Refuse").await
    }

    /// Signs in, and something goes wrong.
    pub async fn sign_in_with(&self, fault: Fault) -> Result<()> {
        let list = self.browser.client().find(Locator::Css("select")).await?;
        list.select_by_value(fault.name()).await?;
        self.sign_in().await
    }
}
