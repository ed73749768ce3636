//! A browser session of its own for each test.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::driver::{Driver, variable};
use crate::tls::Authority;
use crate::tree::Tree;

/// How many browsers run at once: each takes a core while it starts.
static SESSIONS: Semaphore = Semaphore::const_new(2);

/// How long something that is about to happen may take. Far longer than it ever does, so that a busy machine is no failure.
const LIMIT: Duration = Duration::from_secs(20);

/// How often it is looked at meanwhile.
const PERIOD: Duration = Duration::from_millis(40);

const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-gpu",
];

/// What a test wants to be different about its browser.
#[derive(Default)]
pub struct BrowserOptions {
    /// Further command line arguments.
    pub arguments: Vec<&'static str>,
    /// Preferences of the profile.
    pub preferences: Vec<(&'static str, Value)>,
}

/// A message of the browser's console.
#[derive(Clone, Debug)]
pub struct ConsoleMessage {
    /// `INFO`, `WARNING`, `SEVERE`, …
    pub level: String,
    /// Where it comes from, and what it says.
    pub text: String,
}

/// A browser with an empty profile. It ends when this is dropped.
pub struct Browser {
    client: Client,
    console: Mutex<Vec<ConsoleMessage>>,
    _driver: Driver,
    _permit: SemaphorePermit<'static>,
}

impl Browser {
    /// Starts a browser; waits where enough of them run.
    pub async fn start(options: &BrowserOptions) -> Result<Self> {
        let permit = SESSIONS.acquire().await?;
        let driver = Driver::start()?;
        let trust = Authority::get()?.argument_for_chromium();
        let arguments: Vec<&str> =
            ARGUMENTS.iter().chain(&options.arguments).copied().chain([trust.as_str()]).collect();
        let preferences: serde_json::Map<String, Value> =
            options.preferences.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let binary = variable("CHROMIUM")?.into_string().ok().context("CHROMIUM is not Unicode")?;
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({"binary": binary, "args": arguments, "prefs": preferences}),
        );
        capabilities.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.address())
            .await
            .context("no browser session")?;
        Ok(Self { client, console: Mutex::default(), _driver: driver, _permit: permit })
    }

    /// The WebDriver session, for what is not wrapped here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ends the session in the ordinary way.
    pub async fn close(&self) -> Result<()> {
        Ok(self.client.clone().close().await?)
    }

    /// Runs a script in the page; it may return a promise.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        self.client.execute(script, arguments).await.with_context(|| format!("script: {script}"))
    }

    /// Text that a script returns; empty where it returns something else.
    pub async fn text_of(&self, expression: &str) -> Result<String> {
        let value = self.script(&format!("return {expression};"), Vec::new()).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Path, query and fragment of the page's address.
    pub async fn address(&self) -> Result<String> {
        self.text_of("location.pathname + location.search + location.hash").await
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let body = json!({"cmd": command, "params": parameters});
        let command = Extension::post("goog/cdp/execute", body);
        Ok(self.client.issue_cmd(command).await?)
    }

    /// Runs a script in every document that this window loads from now on, before the document's own.
    pub async fn before_every_page(&self, script: &str) -> Result<()> {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await?;
        Ok(())
    }

    /// The page as assistive technology reads it.
    pub async fn tree(&self) -> Result<Tree> {
        Ok(Tree::read(&self.devtools("Accessibility.getFullAXTree", json!({})).await?))
    }

    /// Everything that the console has said since the session began.
    pub async fn console(&self) -> Result<Vec<ConsoleMessage>> {
        // Each request for it empties the driver's own record.
        let new = self.client.issue_cmd(Extension::post("se/log", json!({"type": "browser"}))).await?;
        let new = new.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|entry| ConsoleMessage {
            level: entry["level"].as_str().unwrap_or_default().to_owned(),
            text: entry["message"].as_str().unwrap_or_default().to_owned(),
        });
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        console.extend(new);
        Ok(console.clone())
    }

    /// Waits until `look` finds something. A page that changes while it is looked at makes errors; they count as "not yet".
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
        self.until_within(LIMIT, what, look).await
    }

    /// The same, with a limit of its own.
    pub async fn until_within<T>(
        &self,
        limit: Duration,
        what: &str,
        look: impl AsyncFn() -> Result<Option<T>>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            let last = match look().await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => String::new(),
                Err(error) => format!("; {error:#}"),
            };
            if start.elapsed() > limit {
                let page = self.tree().await.map(|tree| tree.to_string()).unwrap_or_default();
                bail!("never happened: {what}{last}; the page: {page}");
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// Waits for something with that role and accessible name.
    pub async fn wait_for(&self, role: &str, name: &str) -> Result<()> {
        let look = async || Ok(self.tree().await?.find(role, name).map(|_| ()));
        self.until(&format!("{role} {name:?}"), look).await
    }

    /// Waits until something with that role and accessible name has the focus.
    pub async fn wait_for_focus(&self, role: &str, name: &str) -> Result<()> {
        let look = async || {
            let tree = self.tree().await?;
            Ok(tree.focused().filter(|node| node.role == role && node.name == name).map(|_| ()))
        };
        self.until(&format!("focus on {role} {name:?}"), look).await
    }

    /// Waits for an address: path, query and fragment.
    pub async fn wait_for_address(&self, address: &str) -> Result<()> {
        self.until(address, async || Ok((self.address().await? == address).then_some(()))).await
    }

    /// The element with that role and accessible name, once it is there.
    pub async fn element(&self, role: &str, name: &str) -> Result<Element> {
        let selector = match role {
            "textbox" => "input",
            "heading" => "h1, h2",
            "link" => "a",
            other => other,
        };
        self.until(&format!("{role} {name:?}"), async || {
            for element in self.client.find_all(Locator::Css(selector)).await? {
                let computed = async |what: &str| {
                    let path = format!("element/{}/{what}", element.element_id().as_ref());
                    self.client.issue_cmd(Extension::get(path)).await
                };
                if computed("computedrole").await? == role && computed("computedlabel").await? == name {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Clicks on what has that role and accessible name.
    pub async fn click(&self, role: &str, name: &str) -> Result<()> {
        Ok(self.element(role, name).await?.click().await?)
    }

    /// Presses and releases keys, wherever the focus is.
    pub async fn press(&self, keys: impl IntoIterator<Item = char>) -> Result<()> {
        let actions = keys.into_iter().fold(KeyActions::new("keyboard".to_owned()), |actions, value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        Ok(self.client.perform_actions(actions).await?)
    }
}

/// A command that fantoccini does not know.
#[derive(Debug)]
struct Extension {
    method: Method,
    path: String,
    body: Option<String>,
}

impl Extension {
    fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: None }
    }

    fn post(path: &str, body: Value) -> Self {
        Self { method: Method::POST, path: path.to_owned(), body: Some(body.to_string()) }
    }
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (self.method.clone(), self.body.clone())
    }
}
