//! The table of routes (contract §3).

use indee_admin_sso::domain::route::{Page, Route, Visit, Visitor, visit};

#[test]
fn a_trailing_slash_makes_no_difference() {
    let rows = [
        ("/", Route::Home),
        ("/login", Route::SignIn),
        ("/login/", Route::SignIn),
        ("/login/sso_callback", Route::Callback),
        ("/login/sso_callback/", Route::Callback),
        ("/login//", Route::Unknown),
        ("//", Route::Unknown),
        ("/login/other", Route::Unknown),
        ("/LOGIN", Route::Unknown),
        ("/login%2Fsso_callback", Route::Unknown),
        ("/projects", Route::Unknown),
    ];
    for (path, route) in rows {
        assert_eq!(Route::of(path), route, "{path}");
    }
}

#[test]
fn every_route_has_its_page_for_every_visitor() {
    use Visitor::{Completing, SignedIn, SignedOut};
    let rows = [
        (Route::Home, SignedOut, Visit::SignInFirst),
        (Route::Home, SignedIn, Visit::Show(Page::Home)),
        (Route::Home, Completing, Visit::SignInFirst),
        (Route::SignIn, SignedOut, Visit::Show(Page::SignIn)),
        (Route::SignIn, SignedIn, Visit::GoHome),
        (Route::SignIn, Completing, Visit::Show(Page::SignIn)),
        (Route::Callback, SignedOut, Visit::GoToSignIn),
        (Route::Callback, SignedIn, Visit::GoToSignIn),
        (Route::Callback, Completing, Visit::Show(Page::Callback)),
        (Route::Unknown, SignedOut, Visit::SignInFirst),
        (Route::Unknown, SignedIn, Visit::Show(Page::NotFound)),
        (Route::Unknown, Completing, Visit::SignInFirst),
    ];
    for (route, visitor, expected) in rows {
        assert_eq!(visit(route, visitor), expected, "{route:?}, {visitor:?}");
    }
}

#[test]
fn redirects_say_where_to() {
    let rows = [
        (Visit::Show(Page::Home), "/", "", None),
        (Visit::GoHome, "/login", "return_to=%2Fx", Some("/")),
        (Visit::GoToSignIn, "/login/sso_callback", "x=1", Some("/login")),
        (Visit::SignInFirst, "/", "", Some("/login?return_to=%2F")),
        (
            Visit::SignInFirst,
            "/projects",
            "q=a%20b&r=é",
            Some("/login?return_to=%2Fprojects%3Fq%3Da%2520b%26r%3D%C3%A9"),
        ),
    ];
    for (visit, path, query, expected) in rows {
        assert_eq!(visit.redirect(path, query).as_deref(), expected);
    }
}
