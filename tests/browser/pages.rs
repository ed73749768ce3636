//! Each page, mounted, with its accessible names, its focus and what pressing its buttons does (contract §4, §6).

use std::time::Duration;

use indee_admin_sso::browser::panic::say_that_it_stopped;
use indee_admin_sso::domain::pending::{EMAIL_KEY, PENDING_KEY};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::app::{App, alert, callback, email_field, good_callback, press};
use crate::support::{
    Page, Replaced, address, answer, button, document, find, has_focus, network_down, never, pause, sent_to, set_meta,
    stand_in_for_api, stand_in_for_fetch, store, stored, the, until,
};

const TOKENS: &str = r#"{"status_code":"A0000","token":"t.t.t","refresh_token":"r.r.r"}"#;
const LOGIN: &str = "/v1/admin/auth/sso/login";
const LOGOUT: &str = "/v1/admin/auth/logout";
const REJECTED: &str = r#"{"status_code":"A2002","status_message":"Access <b>Denied</b>"}"#;
const BUSY: &str = r#"{"status_code":"A5000","status_message":"internal"}"#;

#[wasm_bindgen_test]
async fn the_form_has_its_names_and_the_focus() {
    let _page = Page::at("/login");
    let _app = App::boot().await;
    assert_eq!(the("h1").inner_text(), "Sign in");
    assert_eq!(the("label[for=email]").inner_text(), "Work email");
    let field = email_field();
    assert_eq!((field.id().as_str(), field.type_().as_str(), field.value().as_str()), ("email", "email", ""));
    assert_eq!(field.get_attribute("autocomplete").as_deref(), Some("username"));
    assert_eq!(field.get_attribute("aria-invalid").as_deref(), Some("false"));
    assert!(the("form").has_attribute("novalidate"));
    until("the field has the focus", || has_focus(&field)).await;
    let button = button("Continue with SSO").unwrap();
    assert_eq!(button.get_attribute("aria-busy").as_deref(), Some("false"));
    assert_eq!(document().title(), "Sign in · Indee Admin");
}

#[wasm_bindgen_test]
async fn the_form_is_filled_in_with_the_last_email_if_it_is_one() {
    for (kept, expected) in [("admin@example.com", "admin@example.com"), ("<nonsense>", "")] {
        let _page = Page::at("/login");
        store(EMAIL_KEY, kept);
        let _app = App::boot().await;
        assert_eq!(email_field().value(), expected);
    }
}

#[wasm_bindgen_test]
async fn an_email_that_is_none_is_refused_at_the_field_and_nothing_is_sent() {
    let _page = Page::at("/login");
    let log = stand_in_for_fetch(|_| never());
    let _app = App::boot().await;
    email_field().set_value("nobody");
    button("Continue with SSO").unwrap().focus().unwrap();
    press("Continue with SSO");
    until("the field is marked", || email_field().get_attribute("aria-invalid").as_deref() == Some("true")).await;
    let described_by = email_field().get_attribute("aria-describedby").unwrap();
    assert_eq!(the(&format!("#{described_by}")).inner_text(), "Enter an email like name@company.com.");
    assert!(has_focus(&email_field()));
    assert_eq!(log.borrow().len(), 0);
}

#[wasm_bindgen_test]
async fn one_press_sends_one_request_however_often_it_is_pressed() {
    let _page = Page::at("/login");
    let log = stand_in_for_fetch(|_| never());
    let _app = App::boot().await;
    email_field().set_value(" admin@example.com ");
    let form: web_sys::HtmlFormElement = the("form").unchecked_into();
    for _ in 0..3 {
        press("Continue with SSO");
        // What a page cannot press, a script or a password manager may still submit.
        form.request_submit().unwrap();
    }
    until("the button is busy", || the("button").get_attribute("aria-busy").as_deref() == Some("true")).await;
    assert!(the("button").has_attribute("disabled"));
    assert_eq!(log.borrow().len(), 1);
    until("the body was read", || !log.borrow()[0].body.is_empty()).await;
    assert_eq!(log.borrow()[0].body, r#"{"username":"admin@example.com"}"#);
    assert_eq!(stored(PENDING_KEY), None);
}

#[wasm_bindgen_test]
async fn a_failed_initiate_stands_above_a_form_that_works() {
    let _page = Page::at("/login");
    let log = stand_in_for_fetch(|number| if number == 0 { answer(401, REJECTED) } else { network_down() });
    let app = App::boot().await;
    email_field().set_value("admin@example.com");
    press("Continue with SSO");
    let first = alert("login_rejected").await;
    assert!(app.text().contains("Access <b>Denied</b>"), "{}", app.text());
    assert!(first.inner_text().contains("Error code: login_rejected"));
    assert!(first.inner_text().contains("A2002"));
    let follows = first.compare_document_position(&the("form")) & web_sys::Node::DOCUMENT_POSITION_FOLLOWING;
    assert_ne!(follows, 0, "the alert stands above the form");
    assert_eq!(email_field().value(), "admin@example.com");
    press("Continue with SSO");
    alert("network_error").await;
    assert_eq!(log.borrow().len(), 2);
    assert_eq!(stored(PENDING_KEY), None);
}

#[wasm_bindgen_test]
async fn an_initiate_answer_that_cannot_be_trusted_leads_nowhere() {
    for redirect in [
        "https://idp.example/?state=other",
        "javascript:alert(1)",
        "http://idp.example/?state=s",
        "https://a:b@idp.example/?state=s",
    ] {
        let _page = Page::at("/login");
        let body = format!(r#"{{"status_code":"A0000","state":"s","nonce":"n","redirect":"{redirect}"}}"#);
        stand_in_for_fetch(move |_| answer(200, &body));
        let _app = App::boot().await;
        email_field().set_value("admin@example.com");
        press("Continue with SSO");
        alert("bad_response").await;
        assert_eq!(stored(PENDING_KEY), None);
    }
}

#[wasm_bindgen_test]
async fn where_the_sign_in_cannot_be_remembered_the_browser_stays() {
    let _page = Page::at("/login");
    stand_in_for_fetch(|_| {
        answer(200, r#"{"status_code":"A0000","state":"s","nonce":"n","redirect":"https://idp.example/?state=s"}"#)
    });
    let _app = App::boot().await;
    email_field().set_value("admin@example.com");
    let _blocked = Replaced::throws("sessionStorage");
    press("Continue with SSO");
    alert("storage_unavailable").await;
}

#[wasm_bindgen_test]
async fn coming_back_to_a_busy_form_gives_one_that_works() {
    let _page = Page::at("/login");
    let log = stand_in_for_fetch(|_| never());
    let _app = App::boot().await;
    email_field().set_value("admin@example.com");
    press("Continue with SSO");
    until("the button is busy", || the("button").has_attribute("disabled")).await;
    email_field().blur().unwrap();
    let init = web_sys::PageTransitionEventInit::new();
    init.set_persisted(true);
    let event = web_sys::PageTransitionEvent::new_with_event_init_dict("pageshow", &init).unwrap();
    crate::support::window().dispatch_event(&event).unwrap();
    until("the button works again", || !the("button").has_attribute("disabled")).await;
    // The pressed button lost the focus when it was disabled: who uses the keyboard is not to start at the top of the page.
    until("the field has the focus", || has_focus(&email_field())).await;
    press("Continue with SSO");
    until("a second request", || log.borrow().len() == 2).await;
}

#[wasm_bindgen_test]
async fn a_visit_that_needs_a_session_is_sent_to_the_form() {
    for (visit, expected) in [
        ("/", "/login?return_to=%2F"),
        ("/projects?q=a%20b", "/login?return_to=%2Fprojects%3Fq%3Da%2520b"),
        ("/login/sso_callback", "/login"),
        ("/login/sso_callback/?iss=x", "/login"),
        ("/login/?return_to=%2Fx", "/login/?return_to=%2Fx"),
        ("//evil.example/x", "/login?return_to=%2F%2Fevil.example%2Fx"),
    ] {
        let origin = crate::support::window().location().origin().unwrap();
        let _page = Page::at(&format!("{origin}{visit}"));
        let _app = App::boot().await;
        assert_eq!(address(), expected);
        assert_eq!(the("h1").inner_text(), "Sign in");
    }
}

#[wasm_bindgen_test]
async fn a_callback_becomes_a_session_and_leads_to_where_the_person_wanted_to_go() {
    let _page = good_callback();
    let log = stand_in_for_fetch(|_| answer(200, TOKENS));
    let app = App::boot().await;
    until("the page that was asked for", || address() == "/projects?page=2").await;
    until("there is no such page", || find("h1").is_some_and(|h1| h1.inner_text() == "Page not found")).await;
    assert_eq!(document().title(), "Page not found · Indee Admin");
    until("the heading has the focus", || has_focus(&the("h1"))).await;
    let link: HtmlElement = the("main a");
    link.click();
    until("the start page", || find("h1").is_some_and(|h1| h1.inner_text() == "Signed in")).await;
    until("the heading has the focus", || has_focus(&the("h1"))).await;
    assert_eq!(address(), "/");
    assert!(app.text().contains("admin@example.com"));
    assert!(button("Sign out").is_some());
    assert_eq!(sent_to(&log, LOGIN).len(), 1);
}

#[wasm_bindgen_test]
async fn signing_out_forgets_at_once_and_tells_the_api() {
    let _page = good_callback();
    let log = stand_in_for_api(|path, _| if path == LOGIN { answer(200, TOKENS) } else { never() });
    let app = App::boot().await;
    until("signed in", || find("main a").is_some()).await;
    the("main a").click();
    until("the start page", || button("Sign out").is_some()).await;
    press("Sign out");
    until("the form", || find("input").is_some()).await;
    assert_eq!(address(), "/login");
    assert_eq!(email_field().value(), "");
    assert_eq!(stored(EMAIL_KEY), None);
    assert!(!app.text().contains("admin@example.com"));
    until("the logout call", || sent_to(&log, LOGOUT).iter().any(|sent| !sent.body.is_empty())).await;
    let logout = sent_to(&log, LOGOUT)[0].clone();
    assert_eq!(logout.body, r#"{"refresh_token":"r.r.r"}"#);
    assert!(js_sys::Reflect::get(&logout.options, &JsValue::from_str("keepalive")).unwrap().is_truthy());
}

#[wasm_bindgen_test]
async fn while_the_login_runs_the_page_says_so() {
    let _page = good_callback();
    stand_in_for_fetch(|_| never());
    let _app = App::boot().await;
    assert!(the("[role=status]").inner_text().contains("Completing sign-in…"));
    assert!(!the("[role=status]").inner_text().contains("longer than usual"));
    assert_eq!(document().title(), "Completing sign-in · Indee Admin");
    pause(Duration::from_millis(8_200)).await;
    assert!(the("[role=status]").inner_text().contains("longer than usual"));
}

#[wasm_bindgen_test]
async fn trying_again_sends_the_same_body_once_a_press() {
    let _page = good_callback();
    let log = stand_in_for_fetch(|number| match number {
        0 => network_down(),
        1 => answer(503, BUSY),
        _ => answer(200, TOKENS),
    });
    let _app = App::boot().await;
    alert("network_error").await;
    assert_eq!(log.borrow().len(), 1);
    // Two presses in one go: the second finds nothing to press.
    let again = button("Try again").unwrap();
    again.click();
    again.click();
    alert("server_error").await;
    assert_eq!(log.borrow().len(), 2);
    assert!(the("[role=alert]").inner_text().contains("A5000"));
    press("Try again");
    until("the page that was asked for", || address() == "/projects?page=2").await;
    until("the bodies were read", || log.borrow().iter().take(3).all(|sent| !sent.body.is_empty())).await;
    let bodies: Vec<_> = log.borrow().iter().map(|sent| sent.body.clone()).collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[wasm_bindgen_test]
async fn the_button_goes_while_another_try_runs() {
    let _page = good_callback();
    stand_in_for_fetch(|number| if number == 0 { network_down() } else { never() });
    let _app = App::boot().await;
    alert("network_error").await;
    press("Try again");
    until("the status", || find("[role=status]").is_some()).await;
    assert!(button("Try again").is_none());
    assert!(find("[role=alert]").is_none());
}

#[wasm_bindgen_test]
async fn a_login_that_was_refused_can_only_be_started_over() {
    let rows = [(401, REJECTED, "login_rejected"), (429, "", "rate_limited"), (200, "nonsense", "bad_response")];
    for (status, body, code) in rows {
        let _page = good_callback();
        stand_in_for_fetch(move |_| answer(status, body));
        let app = App::boot().await;
        let alert = alert(code).await;
        assert!(alert.inner_text().contains(&format!("Error code: {code}")));
        assert!(button("Try again").is_none());
        assert_eq!(document().title(), "Sign-in failed · Indee Admin");
        press("Start over");
        until("the form", || find("input").is_some()).await;
        assert_eq!(address(), "/login?return_to=%2Fprojects%3Fpage%3D2");
        assert_eq!(email_field().value(), "admin@example.com");
        drop(app);
    }
}

#[wasm_bindgen_test]
async fn a_callback_that_is_refused_says_why_and_lets_one_start_over() {
    let rows = [
        ("code=a&code=b&state=the-state==", "malformed_callback"),
        ("code=c&state=other", "state_mismatch"),
        ("code=c", "state_missing"),
        ("state=the-state==", "code_missing"),
    ];
    for (query, code) in rows {
        let _page = callback(query);
        let log = stand_in_for_fetch(|_| never());
        let _app = App::boot().await;
        alert(code).await;
        assert!(button("Try again").is_none());
        assert!(button("Start over").is_some());
        assert_eq!(log.borrow().len(), 0);
    }
}

#[wasm_bindgen_test]
async fn without_a_sign_in_in_this_tab_the_page_says_what_to_do() {
    let _page = Page::at("/login/sso_callback?code=c&state=s");
    store(EMAIL_KEY, "admin@example.com");
    let _app = App::boot().await;
    alert("no_pending_login").await;
    press("Start over");
    until("the form", || find("input").is_some()).await;
    assert_eq!(address(), "/login");
    assert_eq!(email_field().value(), "admin@example.com");
}

#[wasm_bindgen_test]
async fn the_providers_words_are_text_and_its_link_is_no_link() {
    let _page = callback(
        "error=access_denied&error_description=%3Cimg+src%3Dx%3E%E2%80%AE+no&error_uri=https%3A%2F%2Fevil.example&state=the-state==",
    );
    stand_in_for_fetch(|_| never());
    let app = App::boot().await;
    let alert = alert("provider_error").await;
    assert!(alert.inner_text().contains("<img src=x> no"), "{}", alert.inner_text());
    assert!(alert.inner_text().contains("access_denied"));
    assert!(app.root.query_selector("img, a").unwrap().is_none());
    assert!(!app.text().contains("evil.example"));
}

#[wasm_bindgen_test]
async fn a_rate_limit_says_when_to_try_again() {
    let _page = Page::at("/login");
    stand_in_for_fetch(|_| {
        let script = "return new Response('', { status: 429, headers: { 'Retry-After': '90' } })";
        js_sys::Promise::resolve(&js_sys::Function::new_no_args(script).call0(&JsValue::NULL).unwrap())
    });
    let _app = App::boot().await;
    email_field().set_value("admin@example.com");
    press("Continue with SSO");
    assert!(alert("rate_limited").await.inner_text().contains("You can try again in 90 seconds."));
}

#[wasm_bindgen_test]
async fn a_bad_setting_is_told_in_place_of_the_form_and_names_no_value() {
    let _page = Page::at("/login");
    set_meta("indee-api-key", Some("the secret key"));
    let app = App::boot().await;
    let alert = alert("bad_config").await;
    assert!(alert.inner_text().contains("indee-api-key"));
    assert!(!app.root.inner_html().contains("the secret key"));
    assert!(find("form").is_none());
}

#[wasm_bindgen_test]
async fn a_bad_setting_is_told_on_the_callback_route_too() {
    let _page = good_callback();
    set_meta("indee-api-base", Some("nonsense"));
    let log = stand_in_for_fetch(|_| never());
    let _app = App::boot().await;
    alert("bad_config").await;
    assert_eq!(address(), "/login/sso_callback");
    assert_eq!(log.borrow().len(), 0);
}

#[wasm_bindgen_test]
fn a_panic_puts_the_static_message_in_the_place_of_the_app_and_there_it_stays() {
    let body = document().body().unwrap();
    let page = document().create_element("div").unwrap();
    page.set_class_name("test-root");
    page.set_inner_html(
        "<main>What the app showed</main><template id='stopped'>
            <main class='message'><h1>It stopped</h1>Bad luck</main>
        </template>",
    );
    body.append_child(&page).unwrap();
    let title = document().title();
    // However often: a page that has panicked may do so again.
    for _ in 0..3 {
        say_that_it_stopped();
        assert_eq!(the(".test-root > main").inner_html(), "<h1>It stopped</h1>Bad luck");
        assert!(!page.text_content().unwrap().contains("What the app showed"));
        assert_eq!(document().title(), "This page has stopped working · Indee Admin");
    }
    page.remove();
    say_that_it_stopped();
    document().set_title(&title);
}
