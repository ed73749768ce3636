//! The app: which page a visit gets, and the ways from one to another (contract §3).

use leptos::either::EitherOf5;
use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use leptos_router::location::{BrowserUrl, LocationProvider, Url};

use super::callback::CallbackPage;
use super::home::HomePage;
use super::not_found::NotFoundPage;
use super::sign_in::SignInPage;
use crate::auth::begin::remembered_email;
use crate::auth::complete::{Completion, SignedIn};
use crate::auth::session::{Session, View, Why};
use crate::browser::location;
use crate::browser::url::BrowserUrls;
use crate::domain::config::Config;
use crate::domain::email::Email;
use crate::domain::failure::Failure;
use crate::domain::return_to::ReturnTo;
use crate::domain::route::{self, Page, Route, Visit, Visitor, visit};

/// What the pages share. A handle: copies name the same app.
#[derive(Clone, Copy)]
pub struct App {
    /// The session of this tab.
    pub session: Session,
    is_completing: RwSignal<bool>,
    kept: StoredValue<Kept, LocalStorage>,
}

/// What the app keeps beside what changes.
struct Kept {
    config: Result<Config, Failure>,
    /// The callback that was taken at boot, until its page takes it.
    completion: Option<Completion>,
    /// The email of a sign-in that failed.
    email: Option<Email>,
    /// The address bar: what it says, links that are followed, Back and Forward.
    history: BrowserUrl,
}

/// Sends the browser's first visit where it belongs, before anything is mounted: no page flashes up that is not meant.
pub fn arrive(completion: Option<&Completion>) {
    let visitor = if completion.is_some() { Visitor::Completing } else { Visitor::SignedOut };
    let (path, query) = (location::path(), location::query());
    if let Some(target) = visit(Route::of(&path), visitor).redirect(&path, &query) {
        // Where the browser refuses, the router redirects once it is there.
        let _ = location::replace(&target);
    }
}

/// Puts the user interface into the page's `<main>`, in the place of what stood there while the app was on its way.
pub fn mount(config: Result<Config, Failure>, completion: Option<Completion>) {
    let main = document().query_selector("main").ok().flatten().and_then(|main| main.dyn_into::<HtmlElement>().ok());
    if let Some(main) = main {
        main.set_text_content(None);
        mount_to(main, move || Root(RootProps { config, completion })).forget();
    }
}

/// The whole user interface, inside of `<main>`.
///
/// Of the router it uses the part that knows the address and follows links. Which page an address gets, [`visit`] decides:
/// the router's own components would decide it once more, and weigh more than all the pages (`docs/decisions/`).
#[component]
pub fn Root(
    /// The settings of this deployment, or what is wrong with them.
    config: Result<Config, Failure>,
    /// The callback that was taken at boot.
    completion: Option<Completion>,
) -> impl IntoView {
    // Without an address there is no page to decide on.
    let history = BrowserUrl::new().ok()?;
    history.init(None);
    let url = history.as_url().clone();
    let app = App::new(config, completion, history.clone());
    provide_context(app);
    let route = {
        let url = url.clone();
        move || url.with(|url| Route::of(url.path()))
    };
    let visit = Memo::new(move |_| visit(route(), app.visitor()));
    let page = move || {
        let visit = visit.get();
        app.write_history();
        let just_signed_out = app.session.take_just_signed_out();
        match visit {
            Visit::Show(Page::Home) => EitherOf5::A(view! { <HomePage/> }),
            Visit::Show(Page::SignIn) => EitherOf5::B(view! { <SignInPage/> }),
            Visit::Show(Page::NotFound) => EitherOf5::C(view! { <NotFoundPage/> }),
            Visit::Show(Page::Callback) => {
                EitherOf5::D(app.take_completion().map(|completion| view! { <CallbackPage completion/> }))
            }
            Visit::GoHome | Visit::GoToSignIn | Visit::SignInFirst => {
                // After a sign-out `return_to` is dropped from the redirect that it causes, and from no later one.
                let target = if just_signed_out {
                    Some(route::SIGN_IN.to_owned())
                } else {
                    url.with_untracked(|url| visit.redirect(url.path(), url.search()))
                };
                // After this page is done: a redirect changes what it depends on.
                queue_microtask(move || target.iter().for_each(|target| app.go(target)));
                EitherOf5::E(())
            }
        }
    };
    let connection = move || match app.session.view() {
        View::SignedIn { is_reconnecting, .. } => Some(view! {
            // There before its text changes, so that the change is read out.
            <p role="status" class="connection">{if is_reconnecting { "Reconnecting…" } else { "" }}</p>
        }),
        View::SignedOut(_) => None,
    };
    Some(view! { {connection} {page} })
}

impl App {
    /// To be called once, under the owner that lives as long as the app.
    fn new(config: Result<Config, Failure>, completion: Option<Completion>, history: BrowserUrl) -> Self {
        Self {
            session: Session::default(),
            is_completing: RwSignal::new(completion.is_some()),
            kept: StoredValue::new_local(Kept { config, completion, email: None, history }),
        }
    }

    /// The app that a page belongs to.
    #[must_use]
    pub fn from_context() -> Self {
        expect_context()
    }

    /// The settings of this deployment.
    ///
    /// # Errors
    ///
    /// `bad_config` where they cannot be used.
    pub fn config(self) -> Result<Config, Failure> {
        self.kept.with_value(|kept| kept.config.clone())
    }

    /// The email that fills in the form: of the sign-in that just failed, or of the last one in this tab.
    #[must_use]
    pub fn known_email(self) -> Option<Email> {
        self.kept.with_value(|kept| kept.email.clone()).or_else(remembered_email)
    }

    /// Why the last session ended, where that was not the person's doing.
    #[must_use]
    pub fn ended(self) -> Option<Failure> {
        match self.session.view() {
            View::SignedOut(Why::Ended(failure)) => Some(failure),
            View::SignedOut(Why::NotYet | Why::ByThePerson) | View::SignedIn { .. } => None,
        }
    }

    /// The callback has become a session: off to where the person wanted to go.
    pub fn signed_in(self, signed_in: SignedIn, return_to: &ReturnTo) {
        // An answer that nobody waits for any more changes nothing.
        if self.is_completing.try_get_untracked() == Some(true) {
            self.kept.update_value(|kept| kept.email = None);
            let started = self.session.start(signed_in);
            self.is_completing.set(false);
            self.go(if started.is_ok() { return_to.as_str() } else { route::SIGN_IN });
        }
    }

    /// Leaves a callback that failed, and keeps what was typed and where it was to lead (contract §6).
    pub fn start_over(self, email: Option<Email>, return_to: &ReturnTo) {
        self.kept.update_value(|kept| kept.email = email);
        self.is_completing.set(false);
        self.go(&return_to.start_over());
    }

    /// Signs out. The form comes, here and in the other tabs, since their pages need a session.
    pub fn sign_out(self) {
        self.session.sign_out();
    }

    /// Who is here. Tracked.
    fn visitor(self) -> Visitor {
        if self.is_completing.get() {
            Visitor::Completing
        } else if self.session.is_signed_in() {
            Visitor::SignedIn
        } else {
            Visitor::SignedOut
        }
    }

    fn take_completion(self) -> Option<Completion> {
        self.kept.try_update_value(|kept| kept.completion.take()).flatten()
    }

    /// Where the address of the form says to go after the sign-in.
    #[must_use]
    pub fn return_to(self) -> ReturnTo {
        self.url().with_untracked(|url| ReturnTo::from_query(url.search(), &BrowserUrls))
    }

    /// The address of the page. Where the browser refuses to write its history, the address bar says another one.
    fn url(self) -> ArcRwSignal<Url> {
        self.kept.with_value(|kept| kept.history.as_url().clone())
    }

    fn go(self, target: &str) {
        // All redirects between routes replace the history entry (contract §3). Where that is refused the page comes even so.
        let _ = location::replace(target);
        location::scroll_to_top();
        if let Ok(url) = BrowserUrl::parse(target) {
            self.url().set(url);
        }
    }

    /// A link that was followed: its address goes into the history as soon as its page is there. The router would do that too,
    /// were it told so, but panics where the browser refuses; so it still does for a link to another query of the same path, of
    /// which there is none.
    fn write_history(self) {
        self.url().with_untracked(|url| {
            if url.path() != location::path() || url.search() != location::query() {
                let query = if url.search().is_empty() { "" } else { "?" };
                let _ = location::push(&[url.path(), query, url.search(), url.hash()].concat());
                location::scroll_to_top();
            }
        });
    }
}
