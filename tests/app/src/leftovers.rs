//! The search for secrets in places where none may be (contract §4.10).

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use sandbox::Received;
use serde_json::Value;

use crate::site::API_KEY;
use crate::stand::Stand;

/// What is shorter is no secret of anybody's, and would be found by chance.
const SHORTEST: usize = 8;

/// What a JSON Web Token begins with: `{"` in base64.
const TOKEN: &str = "eyJ";

/// Names of fields and parameters that hold secrets.
const SECRET: [&str; 4] = ["state", "nonce", "code", "refresh_token"];

/// Every place in which a page can leave something, as text. Storage that is blocked holds nothing.
const PLACES: &str = "
    const attempt = async look => { try { return JSON.stringify(await look()) ?? ''; } catch { return ''; } };
    const names = async of => (await of).map(item => item.name ?? item);
    return {
        'the DOM': document.documentElement.outerHTML,
        'input values': [...document.querySelectorAll('input')].map(input => input.value).join(' '),
        'the title': document.title,
        'the address': location.href,
        'the history state': await attempt(() => history.state),
        'the referrer': document.referrer,
        'the window name': window.name,
        'cookies': await attempt(() => document.cookie),
        'sessionStorage': await attempt(() => ({...sessionStorage})),
        'localStorage': await attempt(() => ({...localStorage})),
        'IndexedDB': await attempt(() => names(indexedDB.databases())),
        'caches': await attempt(() => caches.keys()),
    };";

impl Stand {
    /// Checks that no token, code, state, nonce or key is left in this window, its history or its console, and that none ever
    /// left the app as a referrer.
    pub async fn assert_nothing_left(&self) -> Result<()> {
        let secrets = self.secrets();
        let check = |place: &str, text: &str| -> Result<()> {
            ensure!(!text.contains(TOKEN), "a token in {place}: {text}");
            let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
            ensure!(found.is_none(), "{found:?} in {place}: {text}");
            Ok(())
        };
        let places = self.browser.script(&format!("return (async () => {{ {PLACES} }})();"), Vec::new()).await?;
        let text = |place: &str| places[place].as_str().unwrap_or_default();
        for place in places.as_object().into_iter().flat_map(|places| places.keys()) {
            // The one place for the key, where a deployment chooses it (contract §2).
            let shown = text(place).replace(&format!(r#"<meta name="indee-api-key" content="{API_KEY}">"#), "");
            check(place, &shown)?;
        }
        for (place, empty) in [("cookies", "\"\""), ("IndexedDB", "[]"), ("caches", "[]")] {
            ensure!(["", empty].contains(&text(place)), "{place}: {}", text(place));
        }
        for (storage, known) in [("sessionStorage", "indee.sso.email"), ("localStorage", "indee.sso.signed_out")] {
            let stored: Value = serde_json::from_str(text(storage)).unwrap_or_default();
            let other = stored.as_object().and_then(|stored| stored.keys().find(|key| *key != known));
            ensure!(other.is_none(), "{storage} holds {other:?}");
        }
        ensure!(self.browser.client().get_all_cookies().await?.is_empty(), "cookies");

        let history = self.browser.devtools("Page.getNavigationHistory", serde_json::json!({})).await?;
        for entry in history["entries"].as_array().into_iter().flatten() {
            let (url, title) = (entry["url"].as_str().unwrap_or_default(), &entry["title"]);
            // What the provider's own pages have in their addresses is the provider's affair.
            if url.starts_with(&self.origin) {
                check("the history", &format!("{url} {title}"))?;
            }
        }
        for message in self.browser.console().await? {
            // What the browser itself logs of the provider's redirect has no business here either.
            check("the console", &message.text)?;
        }
        self.assert_no_referrer()
    }

    /// Nobody is told where the browser came from, so nobody is told a code.
    fn assert_no_referrer(&self) -> Result<()> {
        for request in self.site_requests() {
            ensure!(request.header("referer").is_none(), "{} {} has a Referer", request.method, request.target);
        }
        for request in self.sandbox.received() {
            ensure!(request.header("referer").is_none(), "{request:?} has a Referer");
        }
        Ok(())
    }

    /// Everything secret that the servers saw.
    fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::from([API_KEY.to_owned()]);
        for request in self.sandbox.received() {
            secrets.extend(in_query(request.query.as_deref().unwrap_or_default()));
            secrets.extend(in_body(&request));
        }
        for request in self.site_requests() {
            secrets.extend(in_query(request.target.split_once('?').map_or("", |(_, query)| query)));
        }
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets
    }
}

/// As sent and as decoded.
fn in_query(query: &str) -> Vec<String> {
    let decoded = url::form_urlencoded::parse(query.as_bytes());
    let decoded = decoded.filter(|(name, _)| SECRET.contains(&name.as_ref())).map(|(_, value)| value.into_owned());
    let raw = query.split('&').filter_map(|pair| pair.split_once('='));
    let raw = raw.filter(|(name, _)| SECRET.contains(name)).map(|(_, value)| value.to_owned());
    decoded.chain(raw).collect()
}

fn in_body(request: &Received) -> Vec<String> {
    match serde_json::from_str::<Value>(&request.body) {
        Ok(body) => SECRET.iter().filter_map(|name| Some(body[name].as_str()?.to_owned())).collect(),
        Err(_) => in_query(&request.body),
    }
}
