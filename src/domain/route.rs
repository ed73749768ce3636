//! The routes, and who may see which (contract §3). The only place that knows paths.

use super::form_urlencoded::encode;

/// The signed-in page.
pub const HOME: &str = "/";
/// The sign-in form.
pub const SIGN_IN: &str = "/login";
/// Where the provider sends the browser back to.
pub const CALLBACK: &str = "/login/sso_callback";
/// The query parameter of [`SIGN_IN`] that says where to go afterwards.
pub const RETURN_TO: &str = "return_to";

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// [`HOME`].
    Home,
    /// [`SIGN_IN`].
    SignIn,
    /// [`CALLBACK`].
    Callback,
    /// Anything else.
    Unknown,
}

impl Route {
    /// The route of a path as the browser gives it: with or without a trailing slash it is the same.
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path.strip_suffix('/').unwrap_or(path) {
            "" => Self::Home,
            SIGN_IN => Self::SignIn,
            CALLBACK => Self::Callback,
            _ => Self::Unknown,
        }
    }
}

/// Is this the sign-in form, or under it? Such a path is no place to return to.
#[must_use]
pub fn is_sign_in_path(path: &str) -> bool {
    path.strip_prefix(SIGN_IN).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Is there a session?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// No session.
    SignedOut,
    /// A session.
    SignedIn,
    /// A callback is being completed, or its failure is shown.
    Completing,
}

/// What a visit gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// This page.
    Show(Page),
    /// The signed-in page instead.
    GoHome,
    /// The sign-in form instead.
    GoToSignIn,
    /// The sign-in form instead, and this path and query afterwards.
    SignInFirst,
}

impl Visit {
    /// Where a visit of this path and raw query is sent instead; `None` where it stays. The query comes along as it is, for
    /// it is the place to return to, and is checked when it is read (see [`super::return_to`]).
    #[must_use]
    pub fn redirect(self, path: &str, query: &str) -> Option<String> {
        match self {
            Self::Show(_) => None,
            Self::GoHome => Some(HOME.to_owned()),
            Self::GoToSignIn => Some(SIGN_IN.to_owned()),
            Self::SignInFirst if query.is_empty() => Some(sign_in_form(path)),
            Self::SignInFirst => Some(sign_in_form(&format!("{path}?{query}"))),
        }
    }
}

/// The sign-in form that leads to `return_to` afterwards.
#[must_use]
pub fn sign_in_form(return_to: &str) -> String {
    format!("{SIGN_IN}?{RETURN_TO}={}", encode(return_to))
}

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The signed-in page.
    Home,
    /// The sign-in form.
    SignIn,
    /// What becomes of a callback.
    Callback,
    /// "Page not found".
    NotFound,
}

/// The table of contract §3.
#[must_use]
pub fn visit(route: Route, visitor: Visitor) -> Visit {
    match (route, visitor) {
        (Route::Callback, Visitor::Completing) => Visit::Show(Page::Callback),
        (Route::Callback, _) => Visit::GoToSignIn,
        (Route::SignIn, Visitor::SignedIn) => Visit::GoHome,
        (Route::SignIn, _) => Visit::Show(Page::SignIn),
        (Route::Home, Visitor::SignedIn) => Visit::Show(Page::Home),
        (Route::Unknown, Visitor::SignedIn) => Visit::Show(Page::NotFound),
        (Route::Home | Route::Unknown, _) => Visit::SignInFirst,
    }
}
