//! One sign-in in the browser, from the form to the signed-in page, and what it took.
//!
//! Between the provider's page and the signed-in one the browser is left alone: no command reaches it, and what happens is
//! seen from the servers and by a small script that was there before the page.

use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use app_tests::browser::Browser;
use fantoccini::Locator;
use serde_json::{Value, json};

use crate::api::{self, LOGIN, PROJECTS};
use crate::condition::{Cache, Condition};
use crate::provider::{self, Provider};
use crate::site::{Arrival, Site};

const EMAIL: &str = "admin@example.com";

/// A code as long as those of providers.
const CODE: &str = "r0wE1b1h0JynIcxhYAINFlsjsdXpJ9WOGBUGKujdsk";

/// No sign-in takes this long: one that does hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// How often the server is asked whether the browser has come that far. It costs the browser nothing.
const PERIOD: Duration = Duration::from_millis(10);

/// From the projects call, which the signed-in page makes, to the first question to the browser: it has painted by then.
const PAINTED: Duration = Duration::from_millis(300);

/// From the heading to the last look at what it took: the page is then at rest.
const AT_REST: Duration = Duration::from_millis(500);

/// Notes when the heading is there, and when the way out is, with which the page can be used; and when the frame that shows
/// it has been made: after the frame's own callbacks and its layout and painting comes the most urgent task.
const WATCH: &str = r#"
(() => {
  const awaited = { heading: ["h1", "Signed in"], usable: ["button", "Sign out"] };
  const shown = { origin: performance.timeOrigin };
  const look = () => {
    for (const [name, [tag, text]] of Object.entries(awaited)) {
      if (![...document.querySelectorAll(tag)].some(element => element.textContent === text)) continue;
      delete awaited[name];
      requestAnimationFrame(() => {
        scheduler.postTask(() => {
          shown[name] = performance.now();
          if (shown.heading && shown.usable) window.benchShown = shown;
        }, { priority: "user-blocking" });
      });
    }
    if (Object.keys(awaited).length === 0) observer.disconnect();
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true, characterData: true });
})();
"#;

/// Keeps hold of the memories of WebAssembly programs, which cannot be seen from outside. Not there when time is measured.
const KEEP_MEMORIES: &str = r#"
(() => {
  const memories = window.benchMemories = [];
  const keep = made => {
    for (const value of Object.values((made.instance ?? made).exports ?? {})) {
      if (value instanceof WebAssembly.Memory) memories.push(value);
    }
    return made;
  };
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name].bind(WebAssembly);
    WebAssembly[name] = (...given) => original(...given).then(keep);
  }
})();
"#;

/// What one sign-in took, from the beginning of the navigation to the callback.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Until the head of the login request had reached the server, in milliseconds.
    pub(crate) login: f64,
    /// Until the signed-in heading was painted, in milliseconds.
    pub(crate) heading: f64,
    /// Until the rest of the page was, in milliseconds.
    pub(crate) usable: f64,
    /// What the main thread worked until the page was at rest, in milliseconds of its own processor time.
    pub(crate) work: f64,
    /// The part of it that scripts took, WebAssembly among them.
    pub(crate) scripts: f64,
    /// What the server wrote until then, in bytes.
    pub(crate) bytes: f64,
    /// The requests that reached the server before the login request.
    pub(crate) requests: f64,
}

/// What the page holds, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// In JavaScript's heap, after garbage was collected.
    pub(crate) heap: f64,
    /// In memories of WebAssembly.
    pub(crate) wasm: f64,
}

/// A browser that signs in, again and again, in one tab.
pub(crate) struct User<'a> {
    browser: &'a Browser,
    provider: &'a Provider,
}

impl<'a> User<'a> {
    /// Makes the browser watch for the signed-in page.
    pub(crate) async fn new(browser: &'a Browser, provider: &'a Provider) -> Result<Self> {
        browser.before_every_page(WATCH).await?;
        Ok(Self { browser, provider })
    }

    /// From now on [`Self::held`] knows of WebAssembly.
    pub(crate) async fn keep_memories(&self) -> Result<()> {
        self.browser.before_every_page(KEEP_MEMORIES).await
    }

    /// Signs in, and stays on the signed-in page.
    pub(crate) async fn sign_in(&self, site: &Site, condition: &Condition) -> Result<Taken> {
        let state = self.reach_provider(site).await?;
        site.api.think(condition.think);
        self.impose(condition).await?;
        let taken = self.come_back(site, &state).await?;
        self.impose_nothing().await?;
        Ok(taken)
    }

    /// From the form to the provider's page, which knows the state.
    async fn reach_provider(&self, site: &Site) -> Result<String> {
        let client = self.browser.client();
        client.goto(&self.provider.rest()).await?;
        client.goto(&format!("{}/login", site.origin)).await?;
        // Not by role and name, as tests find things: the accessibility tree would stay and make later pages slower.
        let field = client.wait().for_element(Locator::Css("form input[type=email]")).await?;
        field.clear().await?;
        field.send_keys(EMAIL).await?;
        client.find(Locator::Css("form button")).await?.click().await?;
        let state = format!(
            "document.querySelector('h1')?.textContent === '{}' && new URLSearchParams(location.search).get('state')",
            provider::HEADING
        );
        let look = async || Ok(Some(self.browser.text_of(&state).await?).filter(|state| !state.is_empty()));
        self.browser.until("the provider's page", look).await
    }

    /// Makes the browser, which shows the provider's page, one of that condition.
    async fn impose(&self, condition: &Condition) -> Result<()> {
        if condition.cache == Cache::Cold {
            self.browser.devtools("Network.clearBrowserCache", json!({})).await?;
        }
        if let Some(network) = condition.network {
            self.browser.devtools("Network.enable", json!({})).await?;
            let conditions = json!({
                "offline": false,
                "latency": network.latency,
                "downloadThroughput": network.download,
                "uploadThroughput": network.upload,
            });
            self.browser.devtools("Network.emulateNetworkConditions", conditions).await?;
        }
        if condition.slowdown > 1 {
            self.browser.devtools("Emulation.setCPUThrottlingRate", json!({"rate": condition.slowdown})).await?;
        }
        // Counting begins anew.
        self.browser.devtools("Performance.disable", json!({})).await?;
        self.browser.devtools("Performance.enable", json!({"timeDomain": "threadTicks"})).await?;
        Ok(())
    }

    /// The end of every condition, whichever it was.
    async fn impose_nothing(&self) -> Result<()> {
        self.browser.devtools("Emulation.setCPUThrottlingRate", json!({"rate": 1})).await?;
        let unlimited = json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.browser.devtools("Network.emulateNetworkConditions", unlimited).await?;
        self.browser.devtools("Network.disable", json!({})).await?;
        Ok(())
    }

    /// From the provider's page to the signed-in one.
    async fn come_back(&self, site: &Site, state: &str) -> Result<Taken> {
        site.take_arrivals();
        let written = site.written.bytes();
        let callback = format!("{}/login/sso_callback?code={CODE}&state={state}", site.origin);
        // Later, so that the driver has finished with this command when the page goes.
        let go = "const [callback] = arguments; setTimeout(() => location.assign(callback), 50);";
        self.browser.script(go, vec![callback.into()]).await?;

        let start = Instant::now();
        while !site.was_asked_for(PROJECTS) {
            if start.elapsed() > LIMIT {
                let page = self.browser.text_of("document.documentElement.innerText").await.unwrap_or_default();
                anyhow::bail!("never signed in at {}; the page says: {page}", site.origin);
            }
            tokio::time::sleep(PERIOD).await;
        }
        tokio::time::sleep(PAINTED).await;
        let shown = self
            .browser
            .until("the signed-in page", async || {
                let shown = self.browser.script("return window.benchShown ?? null;", Vec::new()).await?;
                Ok((!shown.is_null()).then_some(shown))
            })
            .await?;
        tokio::time::sleep(AT_REST).await;

        let metrics = self.metrics().await?;
        // Only what shows the same counts as the same.
        let page = self.browser.text_of("document.body.innerText").await?;
        ensure!(page.contains(EMAIL) && page.contains(api::LAST_PROJECT), "not the signed-in page: {page}");
        let arrivals = site.take_arrivals();
        let logins = arrivals.iter().filter(|arrival| arrival.path == LOGIN).count();
        ensure!(logins == 1, "{logins} login requests");
        let login = arrivals.iter().position(|arrival| arrival.path == LOGIN).context("no login request")?;
        let origin = number(&shown["origin"])?;
        Ok(Taken {
            login: arrivals.get(login).and_then(since_epoch).context("a clock before 1970")? - origin,
            heading: number(&shown["heading"])?,
            usable: number(&shown["usable"])?,
            work: metric(&metrics, "TaskDuration")? * 1000.0,
            scripts: metric(&metrics, "ScriptDuration")? * 1000.0,
            bytes: (site.written.bytes() - written) as f64,
            requests: login as f64,
        })
    }

    /// What the signed-in page holds.
    pub(crate) async fn held(&self) -> Result<Held> {
        self.browser.devtools("HeapProfiler.collectGarbage", json!({})).await?;
        let metrics = self.metrics().await?;
        let wasm = "return benchMemories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);";
        let wasm = number(&self.browser.script(wasm, Vec::new()).await?)?;
        Ok(Held { heap: metric(&metrics, "JSHeapUsedSize")?, wasm })
    }

    async fn metrics(&self) -> Result<Value> {
        self.browser.devtools("Performance.getMetrics", json!({})).await
    }
}

fn metric(metrics: &Value, name: &str) -> Result<f64> {
    let found = metrics["metrics"].as_array().into_iter().flatten().find(|metric| metric["name"] == name);
    found.and_then(|metric| metric["value"].as_f64()).with_context(|| format!("the browser does not tell its {name}"))
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().with_context(|| format!("no number: {value}"))
}

/// Milliseconds, as the browser counts them.
fn since_epoch(arrival: &Arrival) -> Option<f64> {
    Some(arrival.at.duration_since(UNIX_EPOCH).ok()?.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_found_by_name() {
        let metrics = json!({"metrics": [{"name": "A", "value": 1}, {"name": "TaskDuration", "value": 0.25}]});
        assert_eq!(metric(&metrics, "TaskDuration").unwrap(), 0.25);
        assert!(metric(&metrics, "Other").is_err());
    }
}
