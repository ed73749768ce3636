//! The app in a test: booted as `main` does it, and what a person can do with it.

use indee_admin_sso::auth::call::load_config;
use indee_admin_sso::auth::complete::Callback;
use indee_admin_sso::browser::clock;
use indee_admin_sso::domain::pending::{EMAIL_KEY, PENDING_KEY, PendingSignIn};
use indee_admin_sso::ui::app::{Root, RootProps, arrive};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::{IntoAny, Owner};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};

use crate::support::{Page, TestJson, button, document, find, has_focus, pending, store, the, until};

/// The app, as `main` boots it, in a root of its own that goes away on drop.
pub(crate) struct App {
    pub(crate) root: HtmlElement,
    owner: Owner,
    _handle: Box<dyn std::any::Any>,
}

impl App {
    pub(crate) async fn boot() -> Self {
        let config = load_config();
        let completion = Callback::take(&config).map(|callback| callback.complete(&config));
        arrive(completion.as_ref());
        let root: HtmlElement = document().create_element("main").unwrap().unchecked_into();
        root.set_class_name("test-root");
        document().body().unwrap().append_child(&root).unwrap();
        let owner = Owner::new();
        let handle: UnmountHandle<_> =
            owner.with(|| mount_to(root.clone(), move || Root(RootProps { config, completion }).into_any()));
        let app = Self { root, owner, _handle: Box::new(handle) };
        until("a page is there", || find("main section").is_some()).await;
        app
    }

    /// What a person reads.
    pub(crate) fn text(&self) -> String {
        self.root.inner_text()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // The framework keeps the first router of a page for ever, and with it what listens to clicks on links.
        self.owner.cleanup();
        self.root.remove();
    }
}

pub(crate) fn callback(query: &str) -> Page {
    let page = Page::at(&format!("/login/sso_callback?{query}"));
    let pending = PendingSignIn { created_at: clock::now(), ..pending() };
    store(PENDING_KEY, &pending.to_json::<TestJson>().unwrap());
    store(EMAIL_KEY, "admin@example.com");
    page
}

pub(crate) fn good_callback() -> Page {
    callback("code=the-code&state=the-state==")
}

pub(crate) async fn alert(code: &str) -> HtmlElement {
    let selector = format!("[role=alert][data-error={code}]");
    until(code, || find(&selector).is_some()).await;
    let alert = the(&selector);
    until("the alert has the focus", || has_focus(&alert)).await;
    alert
}

pub(crate) fn email_field() -> HtmlInputElement {
    the("input").unchecked_into()
}

pub(crate) fn press(name: &str) {
    button(name).unwrap_or_else(|| panic!("no button {name}")).click();
}
