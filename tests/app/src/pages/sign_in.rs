//! The sign-in form, `/login`.

use anyhow::{Context as _, Result};

use crate::browser::Browser;

const FIELD: &str = "Work email";
const BUTTON: &str = "Continue with SSO";

/// The sign-in form.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    browser: &'a Browser,
}

impl<'a> SignIn<'a> {
    /// Waits for it.
    pub async fn shown(browser: &'a Browser) -> Result<Self> {
        browser.wait_for("heading", "Sign in").await?;
        browser.wait_for("textbox", FIELD).await?;
        Ok(Self { browser })
    }

    /// Types an email, in place of what stands there.
    pub async fn type_email(&self, email: &str) -> Result<()> {
        let field = self.browser.element("textbox", FIELD).await?;
        field.clear().await?;
        Ok(field.send_keys(email).await?)
    }

    /// Presses the button.
    pub async fn press(&self) -> Result<()> {
        self.browser.click("button", BUTTON).await
    }

    /// Types an email and presses the button.
    pub async fn submit(&self, email: &str) -> Result<()> {
        self.type_email(email).await?;
        self.press().await
    }

    /// What stands in the field.
    pub async fn email(&self) -> Result<String> {
        let tree = self.browser.tree().await?;
        Ok(tree.find("textbox", FIELD).context("no field")?.value.clone())
    }

    /// Is a request under way? The button is then busy and cannot be pressed.
    pub async fn is_busy(&self) -> Result<bool> {
        let tree = self.browser.tree().await?;
        let button = tree.find("button", BUTTON).context("no button")?;
        let (busy, disabled) = (button.is("busy"), button.is("disabled"));
        anyhow::ensure!(busy == disabled, "busy: {busy}, but disabled: {disabled}");
        Ok(busy)
    }

    /// Waits until a request is under way.
    pub async fn wait_until_busy(&self) -> Result<()> {
        self.browser.until("a busy button", async || Ok(self.is_busy().await?.then_some(()))).await
    }

    /// Waits until the form can be used.
    pub async fn wait_until_ready(&self) -> Result<()> {
        self.browser.until("a button that is not busy", async || Ok((!self.is_busy().await?).then_some(()))).await
    }
}
