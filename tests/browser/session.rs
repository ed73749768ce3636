//! The session in the browser: renewal, sleep, bad networks, authorized calls, sign-out everywhere (contract §5).

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use indee_admin_sso::api::request::Request;
use indee_admin_sso::auth::authorized::{Projects, first_projects};
use indee_admin_sso::auth::call::load_config;
use indee_admin_sso::auth::complete::{Callback, Outcome};
use indee_admin_sso::auth::session::{Session, SignedOutMeanwhile, View};
use indee_admin_sso::browser::events::on_return;
use indee_admin_sso::browser::sign_out_mark::SignOutMark;
use indee_admin_sso::browser::{clock, storage, task, timer};
use indee_admin_sso::domain::call_error::CallError;
use indee_admin_sso::domain::failure::Failure;
use indee_admin_sso::domain::pending::EMAIL_KEY;
use js_sys::Promise;
use leptos::prelude::{GetUntracked, Owner, RwSignal, Set, untrack};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::app::{App, alert, callback, email_field, press};
use crate::support::{
    ClockAhead, Held, Log, Page, Replaced, address, answer, button, fast_timers, find, jwt, network_down, never, pause,
    sent_to, sign_out_elsewhere_unheard, stand_in_for_api, stored, the, until, visit, window,
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

/// An API that answers a login with a token of this life, holds its answer to one path back, and answers nothing else.
fn hold(held_path: &'static str, milliseconds: u32) -> (Held, Log) {
    let held = Held::new();
    let log = stand_in_for_api({
        let held = held.clone();
        move |path, _| match path {
            path if path == held_path => held.promise(),
            LOGIN => tokens(&token("first", milliseconds)),
            _ => never(),
        }
    });
    (held, log)
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
    session.start(signed_in).unwrap();
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
    let renewal = || clock::time_of_day(clock::now().plus(Duration::from_secs(12 * 60)));
    let earliest = renewal();
    let app = App::boot().await;
    until("the projects", || find("li").is_some()).await;
    let text = app.text();
    let times = [earliest, renewal()];
    let says_when = |time: &String| text.contains(&format!("Your session renews by itself at {time}."));
    assert!(times.iter().any(says_when), "{times:?}: {text}");
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
    let held = Held::new();
    let second = token("second", 900_000);
    let log = stand_in_for_api({
        let held = held.clone();
        move |path, _| match path {
            LOGIN => tokens(&token("first", 1_000)),
            REFRESH => held.promise(),
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
    held.release(&renewed(&second));
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
async fn call_is_aborted_with_its_task() {
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
async fn answer_that_comes_after_a_sign_out_is_dropped() {
    let _page = callback_to_home();
    let (held, log) = hold(PROJECTS, 900_000);
    let (_owner, session) = session().await;
    let outcome = call(session);
    until("the call", || sent_to(&log, PROJECTS).len() == 1).await;
    session.sign_out();
    held.release(&answer(200, TWO_PROJECTS));
    until("the outcome", || outcome.borrow().is_some()).await;
    assert_eq!(*outcome.borrow(), Some(Err(CallError::SignedOut)));
}

#[wasm_bindgen_test]
async fn waiting_call_fails_as_soon_as_the_token_dies() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 1_000)),
        _ => never(),
    });
    let (_owner, session) = session().await;
    until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
    let outcome = call(session);
    pause(Duration::from_millis(50)).await;
    assert!(outcome.borrow().is_none(), "it waits for the refresh");
    until("the outcome", || outcome.borrow().is_some()).await;
    assert_eq!(*outcome.borrow(), Some(Err(CallError::Reconnecting)));
    assert_eq!(sent_to(&log, PROJECTS).len(), 0);
}

#[wasm_bindgen_test]
async fn refused_call_is_not_repeated_with_the_same_token() {
    // The renewal fails after the 401, and while it waits for its next try.
    for fails_before in [false, true] {
        let _page = callback_to_home();
        let life = if fails_before { 1_500 } else { 900_000 };
        let log = stand_in_for_api(move |path, _| match path {
            LOGIN => tokens(&token("first", life)),
            REFRESH => answer(503, ""),
            _ => answer(401, r#"{"status_code":"A2001"}"#),
        });
        let (_owner, session) = session().await;
        if fails_before {
            until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
            pause(Duration::from_millis(50)).await;
        }
        let outcome = call(session);
        until("the outcome", || outcome.borrow().is_some()).await;
        assert_eq!(*outcome.borrow(), Some(Err(CallError::Reconnecting)), "{fails_before}");
        assert_eq!((sent_to(&log, PROJECTS).len(), sent_to(&log, REFRESH).len()), (1, 1), "{fails_before}");
        assert!(is_signed_in(session));
    }
}

#[wasm_bindgen_test]
async fn next_refresh_aborts_one_that_was_lost() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 1_000)),
        _ => never(),
    });
    let (_owner, _session) = session().await;
    until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
    let _later = ClockAhead::by(Duration::from_secs(61));
    event("online");
    assert_eq!(sent_to(&log, REFRESH).len(), 2);
    until("the first was aborted", || sent_to(&log, REFRESH)[0].request.signal().aborted()).await;
    assert!(!sent_to(&log, REFRESH)[1].request.signal().aborted());
}

#[wasm_bindgen_test]
async fn refresh_token_that_arrives_after_a_sign_out_is_revoked() {
    let _page = callback_to_home();
    let (held, log) = hold(REFRESH, 1_000);
    let (_owner, session) = session().await;
    until("the refresh", || sent_to(&log, REFRESH).len() == 1).await;
    session.sign_out();
    held.release(&answer(200, r#"{"status_code":"A0000","token":"t.t.t","refresh_token":"rotated"}"#));
    until("two logout calls", || sent_to(&log, LOGOUT).len() == 2).await;
    until("their bodies", || sent_to(&log, LOGOUT).iter().all(|sent| !sent.body.is_empty())).await;
    let bodies: Vec<_> = sent_to(&log, LOGOUT).into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, [r#"{"refresh_token":"r.r.r"}"#, r#"{"refresh_token":"rotated"}"#]);
    assert!(!is_signed_in(session));
}

#[wasm_bindgen_test]
async fn lives_count_from_the_answer_however_late_the_app_is() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 2_000)),
        _ => never(),
    });
    let config = load_config();
    let handed_over = Callback::take(&config).unwrap().hand_over();
    // What the page's script does when the response comes.
    let note = js_sys::Function::new_with_args("taken", "taken[3][3] = Date.now();");
    note.call1(&JsValue::NULL, &handed_over).unwrap();
    // The app is held for longer than the first renewal is away.
    pause(Duration::from_millis(1_800)).await;
    let completion = Callback::handed_over(&handed_over).unwrap().complete(&config);
    let Outcome::Sent(login) = completion.outcome else { panic!("not sent") };
    let Ok(signed_in) = login.answer().await else { panic!("no session") };
    let owner = Owner::new();
    owner.with(Session::new).start(signed_in).unwrap();
    assert_eq!(sent_to(&log, REFRESH).len(), 1, "at once");
}

#[wasm_bindgen_test]
async fn refresh_logout_and_projects_are_given_up_after_30_seconds() {
    for path in [REFRESH, PROJECTS, LOGOUT] {
        let _page = callback_to_home();
        let life = if path == REFRESH { 1_000 } else { 900_000 };
        let log = stand_in_for_api(move |path, _| match path {
            LOGIN => tokens(&token("first", life)),
            _ => never(),
        });
        let (_owner, session) = session().await;
        if path == REFRESH {
            // As much of the life as the timer needs in a browser that is busy.
            pause(Duration::from_millis(700)).await;
        }
        let _fast = fast_timers();
        let outcome = call(session);
        if path == LOGOUT {
            session.sign_out();
        } else if path == REFRESH {
            event("online");
        }
        let start = clock::Instant::now();
        until(path, || sent_to(&log, path).len() == 1).await;
        let signal = sent_to(&log, path)[0].request.signal();
        until("it was aborted", || signal.aborted()).await;
        // A hundredth of the contract's 30 seconds, and what a busy machine adds.
        let elapsed = start.elapsed();
        assert!((Duration::from_millis(290)..Duration::from_secs(2)).contains(&elapsed), "{path}: {elapsed:?}");
        if path == PROJECTS {
            until("the outcome", || outcome.borrow().is_some()).await;
            assert_eq!(*outcome.borrow(), Some(Err(CallError::Failed(Failure::Timeout))));
        }
    }
}

#[wasm_bindgen_test]
async fn page_restored_after_a_sign_out_elsewhere_is_signed_out() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 900_000)),
        PROJECTS => answer(200, TWO_PROJECTS),
        _ => never(),
    });
    let _app = App::boot().await;
    until("signed in", || find("li").is_some()).await;
    event("pageshow");
    pause(Duration::from_millis(100)).await;
    assert!(button("Sign out").is_some(), "nobody has signed out");
    sign_out_elsewhere_unheard();
    event("pageshow");
    until("the form", || find("input").is_some()).await;
    assert!(find("[role=alert]").is_none());
    assert_eq!((stored(EMAIL_KEY), address()), (None, "/login".to_owned()));
    until("its own logout call", || sent_to(&log, LOGOUT).len() == 1).await;
}

#[wasm_bindgen_test]
async fn call_after_a_sign_out_elsewhere_is_not_sent() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| if path == LOGIN { tokens(&token("first", 900_000)) } else { never() });
    let (_owner, session) = session().await;
    sign_out_elsewhere_unheard();
    let outcome = call(session);
    until("the outcome", || outcome.borrow().is_some()).await;
    assert_eq!(*outcome.borrow(), Some(Err(CallError::SignedOut)));
    assert_eq!((sent_to(&log, PROJECTS).len(), sent_to(&log, LOGOUT).len()), (0, 1));
}

#[wasm_bindgen_test]
async fn login_that_is_on_its_way_during_a_sign_out_elsewhere_makes_no_session() {
    let _page = callback_to_home();
    let (held, log) = hold(LOGIN, 900_000);
    let _app = App::boot().await;
    sign_out_elsewhere_unheard();
    held.release(&tokens(&token("first", 900_000)));
    until("the form", || find("input").is_some()).await;
    assert!(find("[role=alert]").is_none());
    assert_eq!((stored(EMAIL_KEY), address()), (None, "/login".to_owned()));
    until("its tokens are revoked", || sent_to(&log, LOGOUT).iter().any(|sent| !sent.body.is_empty())).await;
    assert_eq!(sent_to(&log, LOGOUT)[0].body, r#"{"refresh_token":"r.r.r"}"#);
    assert!(button("Sign out").is_none());
}

/// The storage for the mark may be full, and another process may see it later than the message.
#[wasm_bindgen_test]
async fn login_on_its_way_is_stopped_by_the_message_alone_and_one_sent_afterwards_is_not() {
    for tries_again in [false, true] {
        let _page = callback_to_home();
        let held = Held::new();
        let log = stand_in_for_api({
            let held = held.clone();
            move |path, number| match path {
                LOGIN if tries_again && number == 0 => network_down(),
                LOGIN => held.promise(),
                _ => never(),
            }
        });
        let _app = App::boot().await;
        if tries_again {
            alert("network_error").await;
        }
        let other_tab = BroadcastChannel::new("indee.sso").unwrap();
        other_tab.post_message(&JsValue::from_str("signed_out")).unwrap();
        pause(Duration::from_millis(100)).await;
        other_tab.close();
        if tries_again {
            press("Try again");
        }
        held.release(&tokens(&token("first", 900_000)));
        if tries_again {
            until("signed in", || button("Sign out").is_some()).await;
        } else {
            until("the form", || find("input").is_some()).await;
        }
        assert_eq!(sent_to(&log, LOGOUT).len(), usize::from(!tries_again));
    }
}

#[wasm_bindgen_test]
async fn try_again_after_a_sign_out_elsewhere_signs_in() {
    let _page = callback_to_home();
    stand_in_for_api(|path, number| match (path, number) {
        (LOGIN, 0) => answer(500, ""),
        (LOGIN, _) => tokens(&token("first", 900_000)),
        _ => never(),
    });
    let _app = App::boot().await;
    alert("server_error").await;
    sign_out_elsewhere_unheard();
    press("Try again");
    until("signed in", || button("Sign out").is_some()).await;
}

#[wasm_bindgen_test]
async fn sign_out_before_the_app_came_is_noticed() {
    let _page = callback_to_home();
    let log = stand_in_for_api(|path, _| if path == LOGIN { tokens(&token("first", 900_000)) } else { never() });
    let config = load_config();
    let handed_over = Callback::take(&config).unwrap().hand_over();
    sign_out_elsewhere_unheard();
    let completion = Callback::handed_over(&handed_over).unwrap().complete(&config);
    let Outcome::Sent(login) = completion.outcome else { panic!("not sent") };
    let Ok(signed_in) = login.answer().await else { panic!("no tokens") };
    let owner = Owner::new();
    let session = owner.with(Session::new);
    assert_eq!(session.start(signed_in), Err(SignedOutMeanwhile));
    assert!(!is_signed_in(session));
    assert_eq!(sent_to(&log, LOGOUT).len(), 1);
}

#[wasm_bindgen_test]
async fn sign_out_leaves_a_mark_and_works_without_a_place_for_one() {
    for is_blocked in [false, true] {
        let _page = callback_to_home();
        let log = stand_in_for_api(|path, _| if path == LOGIN { tokens(&token("first", 900_000)) } else { never() });
        let before = SignOutMark::current();
        let blocked = is_blocked.then(|| Replaced::throws("localStorage"));
        let (_owner, session) = session().await;
        session.sign_out();
        assert!(!is_signed_in(session));
        assert_eq!(sent_to(&log, LOGOUT).len(), 1);
        drop(blocked);
        assert_eq!(SignOutMark::current() == before, is_blocked);
    }
}

#[wasm_bindgen_test]
async fn only_the_redirect_of_a_sign_out_drops_return_to() {
    let _page = callback_to_home();
    stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 900_000)),
        PROJECTS => answer(200, TWO_PROJECTS),
        _ => never(),
    });
    let _app = App::boot().await;
    until("signed in", || find("li").is_some()).await;
    press("Sign out");
    until("the form", || find("input").is_some()).await;
    assert_eq!(address(), "/login");
    for _ in 0..2 {
        // As Back does: the address first, then the event.
        visit("/deep?a=b");
        event("popstate");
        until("the redirect", || address() != "/deep?a=b").await;
        assert_eq!(address(), "/login?return_to=%2Fdeep%3Fa%3Db");
    }
}

#[wasm_bindgen_test]
async fn failed_renewal_says_when_it_is_next_tried() {
    let _page = callback_to_home();
    stand_in_for_api(|path, _| match path {
        LOGIN => tokens(&token("first", 1_500)),
        REFRESH => answer(503, ""),
        _ => answer(200, TWO_PROJECTS),
    });
    let app = App::boot().await;
    until("signed in", || find("li").is_some()).await;
    let retry = || clock::time_of_day(clock::now().plus(Duration::from_secs(5)));
    let earliest = retry();
    until("the failure", || app.text().contains("could not be renewed")).await;
    let text = app.text();
    let times = [earliest, retry()];
    let says_when = |time: &String| text.contains(&format!("The next try is at {time}."));
    assert!(times.iter().any(says_when), "{times:?}: {text}");
    assert!(!text.contains("renews by itself"), "{text}");
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
