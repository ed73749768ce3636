//! The session in the browser: renewal, sleep, bad networks, authorized calls, sign-out everywhere (contract §5).

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use indee_admin_sso::api::request::Request;
use indee_admin_sso::auth::authorized::{Projects, first_projects};
use indee_admin_sso::auth::call::load_config;
use indee_admin_sso::auth::complete::{Callback, Outcome};
use indee_admin_sso::auth::session::{Session, View};
use indee_admin_sso::browser::events::on_return;
use indee_admin_sso::browser::{storage, task, timer};
use indee_admin_sso::domain::call_error::CallError;
use indee_admin_sso::domain::pending::EMAIL_KEY;
use js_sys::Promise;
use leptos::prelude::{GetUntracked, Owner, RwSignal, Set, untrack};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::app::{App, alert, callback, email_field, press};
use crate::support::{
    Log, Page, Replaced, address, answer, button, find, jwt, network_down, never, pause, sent_to, stand_in_for_api,
    stored, the, until, window,
};

const LOGIN: &str = "/v1/admin/auth/sso/login";
const REFRESH: &str = "/v1/admin/auth/refresh";
const LOGOUT: &str = "/v1/admin/auth/logout";
const PROJECTS: &str = "/v1/admin/projects";

const TWO_PROJECTS: &str = r#"{"status_code":"A0000","count":24,"results":[{"key":"prj-1","name":"First"},{"key":"prj-2","name":"<b>Second</b>"}]}"#;

/// An access token that lives for so long.
fn token(name: &str, milliseconds: u32) -> String {
    jwt(&format!(r#"{{"jti":"{name}","iat":0,"exp":{}}}"#, f64::from(milliseconds) / 1_000.0))
}

fn tokens(access: &str) -> Promise {
    answer(200, &format!(r#"{{"status_code":"A0000","token":"{access}","refresh_token":"r.r.r"}}"#))
}

fn renewed(access: &str) -> Promise {
    answer(200, &format!(r#"{{"status_code":"A0000","token":"{access}"}}"#))
}

/// A callback that leads to the start page.
fn callback_to_home() -> Page {
    let page = callback("code=c&state=the-state==");
    let pending = stored("indee.sso.pending").unwrap().replace("/projects?page=2", "/");
    crate::support::store("indee.sso.pending", &pending);
    page
}

fn bearer(sent: &crate::support::Sent) -> String {
    sent.request.headers().get("Authorization").unwrap().unwrap_or_default()
}

/// A session without a page, and what owns it.
async fn session() -> (Owner, Session) {
    let config = load_config();
    let completion = Callback::take(&config).unwrap().complete(&config);
    let Outcome::Sent(login) = completion.outcome else { panic!("not sent") };
    let Ok(signed_in) = login.answer().await else { panic!("no session") };
    let owner = Owner::new();
    let session = owner.with(Session::new);
    session.start(signed_in);
    (owner, session)
}

fn is_signed_in(session: Session) -> bool {
    matches!(untrack(|| session.view()), View::SignedIn { .. })
}

/// Makes a call and keeps its outcome.
fn call(session: Session) -> Rc<RefCell<Option<Result<Projects, CallError>>>> {
    let outcome = Rc::new(RefCell::new(None));
    spawn_local({
        let outcome = outcome.clone();
        async move {
            let result = first_projects(session).await;
            *outcome.borrow_mut() = Some(result);
        }
    });
    outcome
}

fn event(name: &str) {
    window().dispatch_event(&web_sys::Event::new(name).unwrap()).unwrap();
}

#[wasm_bindgen_test]
async fn the_signed_in_page_shows_who_until_when_and_the_projects() {
    let _page = callback_to_home();
    let first = token("first", 900_000);
    let log = stand_in_for_api({
        let first = first.clone();
        move |path, _| if path == LOGIN { tokens(&first) } else { answer(200, TWO_PROJECTS) }
    });
    let app = App::boot().await;
    until("the projects", || find("li").is_some()).await;
    assert!(app.text().contains("Your session renews by itself at "), "{}", app.text());
    let region = the("section[aria-labelledby=projects]");
    assert_eq!(the("#projects").inner_text(), "Projects");
    assert_eq!(region.get_attribute("aria-busy").as_deref(), Some("false"));
    let text = region.inner_text();
    assert!(text.contains("24") && text.contains("First") && text.contains("<b>Second</b>"), "{text}");
    assert_eq!(the("[role=status]").inner_text(), "");
    let calls = sent_to(&log, PROJECTS);
    assert_eq!(calls.len(), 1);
    assert!(calls[0].request.url().ends_with("?limit=12"));
    assert_eq!(calls[0].request.method(), "GET");
    assert_eq!(bearer(&calls[0]), format!("Bearer {first}"));
}

#[wasm_bindgen_test]
async fn projects_that_cannot_be_loaded_say_so_in_their_region_and_can_be_loaded_again() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, number| match (path, number) {
        (LOGIN, _) => tokens(&token("first", 900_000)),
        (_, 0) => answer(500, ""),
        _ => answer(200, TWO_PROJECTS),
    });
    let _app = App::boot().await;
    until("the failure", || find("section[aria-labelledby=projects] [data-error=server_error]").is_some()).await;
    assert_eq!(the("h1").inner_text(), "Signed in");
    press("Load the projects again");
    until("the projects", || find("li").is_some()).await;
    assert_eq!(sent_to(&log, PROJECTS).len(), 2);
}

#[wasm_bindgen_test]
async fn a_session_is_renewed_at_80_percent_and_calls_carry_the_new_token() {
    let _page = callback_to_home();
    let second = token("second", 900_000);
    let log = stand_in_for_api({
        let second = second.clone();
        move |path, _| match path {
            LOGIN => tokens(&token("first", 1_500)),
            REFRESH => renewed(&second),
            _ => answer(200, TWO_PROJECTS),
        }
    });
    let (_owner, session) = session().await;
    pause(Duration::from_millis(900)).await;
    assert_eq!(sent_to(&log, REFRESH).len(), 0, "before its time");
    until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
    until("its body", || !sent_to(&log, REFRESH)[0].body.is_empty()).await;
    assert_eq!(sent_to(&log, REFRESH)[0].body, r#"{"refresh_token":"r.r.r"}"#);
    let outcome = call(session);
    until("the projects", || outcome.borrow().is_some()).await;
    assert!(outcome.borrow().as_ref().unwrap().is_ok());
    assert_eq!(bearer(&sent_to(&log, PROJECTS)[0]), format!("Bearer {second}"));
}

#[wasm_bindgen_test]
async fn ten_calls_that_are_refused_share_one_refresh_and_are_repeated_once() {
    let _page = callback_to_home();
    let second = token("second", 900_000);
    let log = stand_in_for_api({
        let second = second.clone();
        move |path, number| match path {
            LOGIN => tokens(&token("first", 900_000)),
            REFRESH => renewed(&second),
            _ if number < 10 => answer(401, r#"{"status_code":"A2001"}"#),
            _ => answer(200, TWO_PROJECTS),
        }
    });
    let (_owner, session) = session().await;
    let outcomes: Vec<_> = (0..10).map(|_| call(session)).collect();
    until("all ten", || outcomes.iter().all(|outcome| outcome.borrow().is_some())).await;
    assert!(outcomes.iter().all(|outcome| outcome.borrow().as_ref().unwrap().is_ok()));
    assert_eq!(sent_to(&log, REFRESH).len(), 1);
    let calls = sent_to(&log, PROJECTS);
    assert_eq!(calls.len(), 20);
    assert!(calls[10..].iter().all(|sent| bearer(sent) == format!("Bearer {second}")));
}

#[wasm_bindgen_test]
async fn a_second_401_is_the_callers_failure_and_not_the_end() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 900_000)),
        REFRESH => renewed(&token("second", 900_000)),
        _ => answer(401, r#"{"status_code":"A2001"}"#),
    });
    let (_owner, session) = session().await;
    let outcome = call(session);
    until("the outcome", || outcome.borrow().is_some()).await;
    assert_eq!(*outcome.borrow(), Some(Err(CallError::Unauthorized)));
    assert_eq!((sent_to(&log, PROJECTS).len(), sent_to(&log, REFRESH).len()), (2, 1));
    assert!(is_signed_in(session));
}

#[wasm_bindgen_test]
async fn where_the_api_ends_the_session_the_form_says_so() {
    let _page = callback_to_home();
    stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 1_250)),
        REFRESH => answer(401, r#"{"status_code":"A2003"}"#),
        _ => answer(200, TWO_PROJECTS),
    });
    let app = App::boot().await;
    let alert = alert("session_ended").await;
    assert!(alert.inner_text().contains("A2003"));
    assert_eq!(address(), "/login?return_to=%2F");
    assert_eq!(email_field().value(), "admin@example.com");
    assert!(!app.text().contains("First"), "nothing of the session is left");
}

#[wasm_bindgen_test]
async fn without_a_network_nobody_is_signed_out_and_the_page_says_reconnecting() {
    let _page = callback_to_home();
    let is_online = Rc::new(RefCell::new(false));
    let log = stand_in_for_api({
        let is_online = is_online.clone();
        move |path, _| match path {
            LOGIN => tokens(&token("first", 1_500)),
            REFRESH if *is_online.borrow() => renewed(&token("second", 900_000)),
            REFRESH => network_down(),
            _ => answer(200, TWO_PROJECTS),
        }
    });
    let _app = App::boot().await;
    until("signed in", || find("li").is_some()).await;
    until("reconnecting", || the("[role=status]").inner_text() == "Reconnecting…").await;
    assert_eq!(the("h1").inner_text(), "Signed in");
    *is_online.borrow_mut() = true;
    event("online");
    // Two refreshes are five seconds apart, whatever asks for one.
    assert_eq!(sent_to(&log, REFRESH).len(), 1);
    pause(Duration::from_secs(2)).await;
    until("back again", || the("[role=status]").inner_text().is_empty()).await;
    assert_eq!(sent_to(&log, REFRESH).len(), 2);
}

#[wasm_bindgen_test]
async fn while_reconnecting_calls_fail_at_once() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 100)),
        _ => network_down(),
    });
    let (_owner, session) = session().await;
    until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
    pause(Duration::from_millis(100)).await;
    let outcome = call(session);
    pause(Duration::from_millis(50)).await;
    assert_eq!(*outcome.borrow(), Some(Err(CallError::Reconnecting)));
    assert_eq!(sent_to(&log, PROJECTS).len(), 0);
    assert!(is_signed_in(session));
}

#[wasm_bindgen_test]
async fn calls_wait_for_a_refresh_that_is_running_and_let_the_page_live() {
    let _page = callback_to_home();
    let release = Rc::new(RefCell::new(None::<js_sys::Function>));
    let second = token("second", 900_000);
    let log = stand_in_for_api({
        let (release, second) = (release.clone(), second.clone());
        move |path, _| match path {
            LOGIN => tokens(&token("first", 1_000)),
            REFRESH => {
                let held = Promise::new(&mut |resolve, _| *release.borrow_mut() = Some(resolve));
                let answer = renewed(&second);
                let answer = Closure::once_into_js(move |_: JsValue| JsValue::from(answer));
                let then: js_sys::Function = js_sys::Reflect::get(&held, &"then".into()).unwrap().unchecked_into();
                then.call1(&held, &answer).unwrap().unchecked_into()
            }
            _ => answer(200, TWO_PROJECTS),
        }
    });
    let (_owner, session) = session().await;
    until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
    let outcomes: Vec<_> = (0..10).map(|_| call(session)).collect();
    // If those that wait woke each other up for nothing, the page would hang here for ever.
    pause(Duration::from_millis(100)).await;
    assert!(outcomes.iter().all(|outcome| outcome.borrow().is_none()));
    assert_eq!(sent_to(&log, PROJECTS).len(), 0);
    release.borrow().as_ref().unwrap().call0(&JsValue::NULL).unwrap();
    until("the projects", || outcomes.iter().all(|outcome| outcome.borrow().is_some())).await;
    assert_eq!(sent_to(&log, REFRESH).len(), 1);
    assert_eq!(bearer(&sent_to(&log, PROJECTS)[0]), format!("Bearer {second}"));
}

#[wasm_bindgen_test]
async fn a_call_cannot_be_lured_away_and_none_is_made_without_a_session() {
    let _page = callback_to_home();
    crate::support::set_meta("indee-api-base", Some("https://api.example.com/a"));
    let log: Log = stand_in_for_api(|_, _| tokens(&token("first", 900_000)));
    let (_owner, session) = session().await;
    for path in ["../x", "v1/../../x", "\\evil.example"] {
        let outcome = session.call::<Projects>(Request::get(path)).await;
        assert_eq!(outcome, Err(CallError::ForeignPath), "{path}");
    }
    session.sign_out();
    assert_eq!(first_projects(session).await, Err(CallError::SignedOut));
    assert_eq!(sent_to(&log, "/a/v1/admin/auth/sso/login").len() + sent_to(&log, "/a/v1/admin/auth/logout").len(), 2);
    assert_eq!(log.borrow().len(), 2);
}

#[wasm_bindgen_test]
async fn a_call_is_aborted_with_its_task_and_its_answer_dropped_after_a_sign_out() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| if path == LOGIN { tokens(&token("first", 900_000)) } else { never() });
    let (owner, session) = session().await;
    let reached = owner.with(|| RwSignal::new(false));
    let task = task::spawn(async move {
        let _ = first_projects(session).await;
        reached.set(true);
    });
    until("the call", || sent_to(&log, PROJECTS).len() == 1).await;
    drop(task);
    until("the call was aborted", || sent_to(&log, PROJECTS)[0].request.signal().aborted()).await;
    assert!(!reached.get_untracked());
}

#[wasm_bindgen_test]
async fn a_sign_out_is_told_to_the_other_tabs_without_any_data() {
    let _page = callback_to_home();
    stand_in_for_api(|path, _| if path == LOGIN { tokens(&token("first", 900_000)) } else { never() });
    let other_tab = BroadcastChannel::new("indee.sso").unwrap();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let listen = Closure::<dyn FnMut(MessageEvent)>::new({
        let heard = heard.clone();
        move |event: MessageEvent| heard.borrow_mut().push(event.data().as_string())
    });
    other_tab.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    let (_owner, session) = session().await;
    session.sign_out();
    until("the message", || !heard.borrow().is_empty()).await;
    assert_eq!(*heard.borrow(), [Some("signed_out".to_owned())]);
    other_tab.close();
}

#[wasm_bindgen_test]
async fn a_sign_out_in_another_tab_signs_out_here_without_an_alert() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 900_000)),
        PROJECTS => answer(200, TWO_PROJECTS),
        _ => never(),
    });
    let _app = App::boot().await;
    until("signed in", || find("li").is_some()).await;
    let other_tab = BroadcastChannel::new("indee.sso").unwrap();
    for nonsense in
        [JsValue::NULL, JsValue::from_str(""), JsValue::from_str("signed_out "), js_sys::Object::new().into()]
    {
        other_tab.post_message(&nonsense).unwrap();
    }
    pause(Duration::from_millis(100)).await;
    assert!(button("Sign out").is_some(), "nonsense signs nobody out");
    other_tab.post_message(&JsValue::from_str("signed_out")).unwrap();
    until("the form", || find("input").is_some()).await;
    assert!(find("[role=alert]").is_none());
    assert_eq!(stored(EMAIL_KEY), None);
    until("its own logout call", || sent_to(&log, LOGOUT).len() == 1).await;
    assert_eq!(address(), "/login");
    other_tab.close();
}

#[wasm_bindgen_test]
async fn without_a_channel_signing_out_works_in_this_tab() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| if path == LOGIN { tokens(&token("first", 900_000)) } else { never() });
    let _absent = Replaced::with("BroadcastChannel", &JsValue::UNDEFINED);
    let (_owner, session) = session().await;
    session.sign_out();
    assert!(!is_signed_in(session));
    assert_eq!(sent_to(&log, LOGOUT).len(), 1);
    assert_eq!(storage::read(EMAIL_KEY), Ok(None));
}

#[wasm_bindgen_test]
async fn a_hanging_logout_holds_nobody_up() {
    let _page = callback_to_home();
    stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 900_000)),
        PROJECTS => answer(200, TWO_PROJECTS),
        _ => never(),
    });
    let _app = App::boot().await;
    until("signed in", || button("Sign out").is_some()).await;
    press("Sign out");
    until("the form", || find("input").is_some()).await;
    assert_eq!(address(), "/login");
}

#[wasm_bindgen_test]
async fn a_timer_that_is_dropped_does_nothing_and_a_long_one_does_not_fire_at_once() {
    let fired = Rc::new(RefCell::new(Vec::new()));
    let note = |name: &'static str| {
        let fired = fired.clone();
        move || fired.borrow_mut().push(name)
    };
    drop(timer::after(Duration::from_millis(10), note("dropped")));
    let _long = timer::after(Duration::from_secs(400 * 24 * 60 * 60), note("long"));
    let _short = timer::after(Duration::from_millis(20), note("short"));
    pause(Duration::from_millis(100)).await;
    assert_eq!(*fired.borrow(), ["short"]);
}

#[wasm_bindgen_test]
async fn coming_back_to_the_tab_restoring_it_and_a_new_network_are_noticed_as_long_as_somebody_listens() {
    let noticed = Rc::new(RefCell::new(0));
    let listeners = on_return({
        let noticed = noticed.clone();
        move || *noticed.borrow_mut() += 1
    });
    for name in ["visibilitychange", "pageshow", "online", "offline", "focus"] {
        event(name);
    }
    assert_eq!(*noticed.borrow(), 3);
    drop(listeners);
    event("online");
    assert_eq!(*noticed.borrow(), 3);
}
