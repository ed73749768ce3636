//! Browsers that refuse storage, scripts, WebAssembly or history, and a page that has stopped.

use std::time::Duration;

use anyhow::{Result, ensure};
use app_tests::browser::BrowserOptions;
use app_tests::pages::{Alert, Callback, Home, Provider, SignIn};
use app_tests::stand::{Files, Front, Options, Stand};
use fantoccini::Locator;
use sandbox::{Endpoint, Fault, Times};
use serde_json::json;

use crate::starting::{HOLD_THE_APP, NO_BOOT_STEP};
use crate::support::{EMAIL, FAILED_LOAD, PENDING, show_in_frame, stored};

const CALLBACK: &str = "/login/sso_callback?code=the-code-of-this-test&state=the-state-of-this-test";

async fn stays(stand: &Stand) -> Result<()> {
    stand.open("/login").await?;
    let form = SignIn::shown(&stand.browser).await?;
    form.submit(EMAIL).await?;
    Alert::shown(&stand.browser, "storage_unavailable").await?;
    ensure!(stand.browser.address().await? == "/login");
    form.wait_until_ready().await?;
    let went = stand.sandbox.received().into_iter().find(|request| request.path == "/authorize");
    ensure!(went.is_none(), "{went:?}");
    stand.assert_calls(1, 0, 0)
}

#[tokio::test]
async fn blocked_storage_is_said_and_the_browser_stays() -> Result<()> {
    let preferences = vec![("profile.default_content_setting_values.cookies", json!(2))];
    let browser = BrowserOptions { preferences, ..BrowserOptions::default() };
    let stand = Stand::start_with(Options { browser, ..Options::default() }).await?;
    stays(&stand).await?;
    stand.open(CALLBACK).await?;
    Callback::failed(&stand.browser, "storage_unavailable").await?;
    stand.assert_calls(1, 0, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn full_storage_is_said_and_the_browser_stays() -> Result<()> {
    let stand = Stand::start().await?;
    let full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };";
    stand.browser.before_every_page(full).await?;
    stays(&stand).await?;
    stand.finish().await
}

/// The text that a person sees, without scripts.
async fn visible_text(stand: &Stand) -> Result<String> {
    Ok(stand.browser.client().find(Locator::Css("body")).await?.text().await?)
}

#[tokio::test]
async fn without_scripts_a_static_message_says_so() -> Result<()> {
    let stand = Stand::start().await?;
    stand.browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": true})).await?;
    for path in ["/login", "/"] {
        stand.open(path).await?;
        stand.browser.wait_for("heading", "Scripts are switched off").await?;
        let headings = stand.browser.tree().await?.names("heading").len();
        ensure!(headings == 1, "{headings} headings");
    }
    stand.browser.photograph("no-scripts").await?;
    stand.assert_calls(0, 0, 0)?;
    // For the search for leftovers.
    stand.browser.devtools("Emulation.setScriptExecutionDisabled", json!({"value": false})).await?;
    stand.finish().await
}

#[tokio::test]
async fn without_webassembly_a_static_message_says_so() -> Result<()> {
    let stand = Stand::start().await?;
    stand.browser.before_every_page("delete window.WebAssembly;").await?;
    stand.open("/login").await?;
    stand.browser.wait_for("heading", "This browser cannot run the sign-in").await?;
    let text = visible_text(&stand).await?;
    ensure!(text.contains("WebAssembly"), "{text}");
    ensure!(!text.contains("stopped working"), "{text}");
    stand.browser.photograph("no-wasm").await?;
    stand.assert_calls(0, 0, 0)?;
    stand.finish_although(&["WebAssembly"]).await
}

/// What keeps the app from running, and the heading that is there instead.
struct NoApp<'a> {
    setup: &'a str,
    heading: &'static str,
    is_framed: bool,
    files: Files,
}

#[tokio::test]
async fn where_the_app_cannot_run_the_code_is_gone_from_the_url_and_the_entry_stays() -> Result<()> {
    let no_boot_step_and_no_app = [NO_BOOT_STEP, HOLD_THE_APP].concat();
    let rows = [
        NoApp {
            setup: "delete window.WebAssembly;",
            heading: "This browser cannot run the sign-in",
            is_framed: false,
            files: Files::There,
        },
        NoApp {
            setup: "",
            heading: "The sign-in does not run inside another page",
            is_framed: true,
            files: Files::There,
        },
        // The page has the boot step's part of the work, and waits for an app that does not come.
        NoApp { setup: &no_boot_step_and_no_app, heading: "Single sign-on", is_framed: false, files: Files::There },
        NoApp {
            setup: NO_BOOT_STEP,
            heading: "This page did not load completely",
            is_framed: false,
            files: Files::Missing(".wasm"),
        },
    ];
    for NoApp { setup, heading, is_framed, files } in rows {
        // Any host can be in a frame that sends no headers.
        let stand = Stand::start_with(Options { front: Front::Bare, ..Options::default() }).await?;
        let browser = &stand.browser;
        stand.open("/login").await?;
        SignIn::shown(browser).await?;
        browser.devtools("Network.clearBrowserCache", json!({})).await?;
        browser.before_every_page(setup).await?;
        stand.set_files(files);
        for (path, query, is_callback) in [
            ("/login/sso_callback", "code=the-code-of-this-test&state=the-state-of-this-test", true),
            ("/login/sso_callback/", "error=access_denied&x=1#fragment", true),
            ("/login/sso_callback", "co%64e=", true),
            ("/login/sso_callback", "codes=1&xstate=2", false),
            ("/login", "code=1", false),
        ] {
            let before = browser.script("return history.length;", Vec::new()).await?;
            if is_framed {
                show_in_frame(browser, &format!("{}{path}?{query}", stand.origin)).await?;
                browser.client().enter_frame(0).await?;
            } else {
                // No command of the driver waits for files that do not come.
                let url = format!("{}{path}?{query}", stand.origin);
                browser.script("sessionStorage.setItem('indee.sso.pending', 'kept'); setTimeout(() => location.assign(arguments[0]));", vec![url.into()]).await?;
            }
            let heading = if is_callback || heading != "Single sign-on" { heading } else { "" };
            let look = async || {
                let is_new = browser.text_of("document.documentElement.dataset.seen").await?.is_empty();
                let shown = browser
                    .text_of("[...document.querySelectorAll('h1')].find(h1 => h1.checkVisibility())?.innerText")
                    .await?;
                Ok((is_new && shown == heading).then_some(()))
            };
            browser.until(heading, look).await?;
            browser.script("document.documentElement.dataset.seen = 1;", Vec::new()).await?;
            let address = browser.address().await?;
            let expected = if is_callback { path.to_owned() } else { format!("{path}?{query}") };
            ensure!(address == expected, "{setup} {files:?}: {address}");
            if is_framed {
                browser.client().enter_parent_frame().await?;
            } else {
                let after = browser.script("return history.length;", Vec::new()).await?;
                ensure!(after.as_u64() <= before.as_u64().map(|before| before + 1), "an entry more: {before} {after}");
                ensure!(stored(&stand, PENDING).await?.as_deref() == Some("kept"), "{setup}: the entry is gone");
            }
        }
        stand.assert_calls(0, 0, 0)?;
        stand.open("/login").await?;
        browser.script("sessionStorage.clear();", Vec::new()).await?;
        stand.finish_although(&[FAILED_LOAD, "WebAssembly", "integrity", "frame", "Security Policy"]).await?;
    }
    Ok(())
}

/// The browser refuses to write the history, as some do where that is asked too often. On the callback the first time it does
/// not, so that the code is out of the address.
const NO_HISTORY: &str = "
    window.refused = 0;
    let isAllowed = location.search.includes('code=');
    for (const name of ['pushState', 'replaceState']) {
        const write = history[name];
        History.prototype[name] = function (...entry) {
            if (!isAllowed) {
                window.refused++;
                throw new DOMException('too many', 'SecurityError');
            }
            isAllowed = false;
            write.apply(this, entry);
        };
    }";

#[tokio::test]
async fn a_history_that_cannot_be_written_keeps_no_page_away() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.before_every_page(NO_HISTORY).await?;
    // The form has another address than it should have, and leads to the right place all the same.
    stand.open("/elsewhere?q=1").await?;
    let form = SignIn::shown(browser).await?;
    ensure!(browser.address().await? == "/elsewhere?q=1");
    form.submit(EMAIL).await?;
    Provider::shown(browser).await?.sign_in().await?;
    browser.wait_for("heading", "Page not found").await?;
    let address = browser.address().await?;
    ensure!(address == "/login/sso_callback", "{address}");
    browser.click("link", "Go to the start page").await?;
    let home = Home::shown(browser).await?;
    home.wait_for_projects().await?;
    home.sign_out().await?;
    SignIn::shown(browser).await?;
    stand.assert_calls(1, 1, 1)?;
    let refused = browser.script("return window.refused;", Vec::new()).await?;
    ensure!(refused.as_u64() >= Some(3), "refused: {refused}");
    stand.finish().await
}

const STOPPED: &str = "This page has stopped working";

/// A session that is renewed after five seconds.
async fn sign_in_for_a_short_time(stand: &Stand) -> Result<Home<'_>> {
    stand.sandbox.set_lifetimes(Duration::from_secs(7), Duration::from_secs(24 * 60 * 60));
    stand.sign_in(EMAIL).await
}

/// The browser does what no browser does: the next page cannot be made. In that state the app cannot go on.
async fn panic(stand: &Stand) -> Result<()> {
    let script = "
        Document.prototype.createElement = () => { throw new DOMException('no element', 'NotSupportedError'); };
        history.pushState(null, '', '/elsewhere');
        dispatchEvent(new PopStateEvent('popstate'));";
    stand.browser.script(script, Vec::new()).await?;
    stand.browser.wait_for("heading", STOPPED).await
}

#[tokio::test]
async fn a_page_that_stopped_says_so_and_sends_nothing_any_more() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    sign_in_for_a_short_time(&stand).await?.wait_for_projects().await?;
    panic(&stand).await?;
    ensure!(stand.api_requests(Endpoint::Refresh).is_empty(), "renewed before the panic: this test proves nothing");
    let before = stand.site_requests().len();
    let text = visible_text(&stand).await?;
    ensure!(!text.contains("Signed in") && !text.contains("Sign out"), "{text}");
    browser.photograph("stopped").await?;

    // Whatever makes the app look at its clock, its network or its address, and two renewals' time.
    for event in ["online", "pageshow", "visibilitychange", "popstate", "hashchange", "focus"] {
        browser.script("dispatchEvent(new Event(arguments[0]));", vec![event.into()]).await?;
    }
    browser.script("history.back();", Vec::new()).await?;
    tokio::time::sleep(Duration::from_secs(12)).await;
    browser.script("new BroadcastChannel('indee.sso').postMessage('signed_out');", Vec::new()).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = stand.site_requests().split_off(before);
    ensure!(sent.is_empty(), "sent: {:?}", sent.iter().map(|request| &request.target).collect::<Vec<_>>());
    let tree = browser.tree().await?;
    ensure!(tree.names("heading") == [STOPPED], "{tree}");
    ensure!(browser.client().title().await? == format!("{STOPPED} · Indee Admin"));

    browser.click("link", "Go to the sign-in form").await?;
    SignIn::shown(browser).await?;
    // That the wasm has trapped the browser tells the console.
    stand.finish_although(&["unreachable"]).await
}

/// How the last request to end has ended.
const LAST_END: &str = "{
        const { fetch } = window;
        window.fetch = (...request) => {
            const answer = fetch(...request);
            answer.then(() => (window.end = 'answered'), () => (window.end = 'aborted'));
            return answer;
        };
    }";

#[tokio::test]
async fn a_renewal_on_its_way_when_the_page_stops_is_aborted() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    browser.before_every_page(LAST_END).await?;
    stand.sandbox.set_fault(Endpoint::Refresh, Fault::Hang, Times::Always)?;
    sign_in_for_a_short_time(&stand).await?.wait_for_projects().await?;
    browser.until("a renewal", async || Ok(stand.api_requests(Endpoint::Refresh).pop())).await?;
    ensure!(browser.text_of("window.end").await? == "answered");
    panic(&stand).await?;
    browser.until("its end", async || Ok((browser.text_of("window.end").await? == "aborted").then_some(()))).await?;
    ensure!(stand.api_requests(Endpoint::Refresh).len() == 1);
    stand.finish_although(&["unreachable"]).await
}

/// An exception that comes out of the browser is no panic, so the hook does not see it.
#[tokio::test]
async fn an_app_that_throws_while_it_starts_has_stopped_as_well() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sandbox.set_fault(Endpoint::Login, Fault::Hang, Times::Always)?;
    let provider = stand.reach_provider("/login", EMAIL).await?;
    browser.before_every_page(LAST_END).await?;
    browser.before_every_page("Document.prototype.createTextNode = () => { throw new Error('no text'); };").await?;
    provider.sign_in().await?;
    browser.wait_for("heading", STOPPED).await?;
    browser.until("its end", async || Ok((browser.text_of("window.end").await? == "aborted").then_some(()))).await?;
    ensure!(browser.client().title().await? == format!("{STOPPED} · Indee Admin"));
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

/// What waits for the answer must not make a session of it behind the message.
#[tokio::test]
async fn an_app_that_throws_while_it_starts_makes_no_session_of_an_answer_that_is_there() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sandbox.set_lifetimes(Duration::from_secs(5), Duration::from_secs(24 * 60 * 60));
    let provider = stand.reach_provider("/login", EMAIL).await?;
    let throw = "Document.prototype.createTextNode = () => { throw new Error('no text'); };";
    browser.before_every_page(&[HOLD_THE_APP, throw].concat()).await?;
    provider.sign_in().await?;
    browser.wait_for("heading", "Signed in").await?;
    browser.script("window.go();", Vec::new()).await?;
    browser.wait_for("heading", STOPPED).await?;
    // Two renewals' time.
    tokio::time::sleep(Duration::from_secs(10)).await;
    let sent = stand.api_requests(Endpoint::Refresh).len() + stand.api_requests(Endpoint::Logout).len();
    ensure!(sent == 0, "sent: {sent}");
    browser.wait_for("heading", STOPPED).await?;
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

/// Then the hook has spoken before the page asks the app to stop. Were the page stopped once more whenever something goes wrong, the
/// link of the message would not lead away.
#[tokio::test]
async fn a_panic_while_the_app_starts_stops_the_page_once() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let script = "
        const { stop } = window;
        window.stops = 0;
        window.stop = () => { window.stops++; stop.call(window); };
        Document.prototype.createElement = () => { throw new DOMException('no element', 'NotSupportedError'); };";
    browser.before_every_page(script).await?;
    stand.open("/login").await?;
    browser.wait_for("heading", STOPPED).await?;
    let stops = browser.script("return window.stops;", Vec::new()).await?;
    ensure!(stops.as_u64() == Some(1), "{stops}");
    stand.finish_although(&["unreachable"]).await
}
