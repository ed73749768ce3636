//! The order of validation (contract §4.7): each row fails in every later way too, so a wrong order shows.

use indee_admin_sso::domain::failure::Failure;
use indee_admin_sso::domain::pending::PendingSignIn;
use indee_admin_sso::domain::time::UnixMillis;
use indee_admin_sso::domain::validate::{Grant, Verdict, validate};

use crate::support::{NOW, pending};

fn code(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Redeem(_) => "redeem",
        Verdict::Refused(_, failure) | Verdict::Rejected(failure) => failure.code(),
    }
}

fn expired() -> PendingSignIn {
    PendingSignIn { created_at: UnixMillis(NOW.0 - 15 * 60_000 - 1), ..pending() }
}

#[test]
fn the_first_failure_wins() {
    let fresh = pending();
    let expired = expired();
    let rows = [
        ("malformed_callback", "state=x&state=y", None),
        ("malformed_callback", "state=x&state=y", Some(&expired)),
        ("no_pending_login", "error=access_denied", None),
        ("no_pending_login", "code=c&state=the-state==", None),
        ("login_expired", "error=access_denied", Some(&expired)),
        ("state_missing", "error=access_denied", Some(&fresh)),
        ("state_missing", "code=c", Some(&fresh)),
        ("state_missing", "code=c&state=", Some(&fresh)),
        ("state_mismatch", "error=access_denied&state=other", Some(&fresh)),
        ("state_mismatch", "state=other", Some(&fresh)),
        ("provider_error", "error=access_denied&state=the-state==", Some(&fresh)),
        ("code_missing", "state=the-state==", Some(&fresh)),
        ("code_missing", "code=&error=&state=the-state==", Some(&fresh)),
        ("redeem", "code=c&state=the-state==", Some(&fresh)),
        ("redeem", "code=c&state=the-state%3D%3D", Some(&fresh)),
    ];
    for (expected, query, pending) in rows {
        assert_eq!(code(&validate(query, pending, NOW)), expected, "{query}");
    }
}

#[test]
fn the_state_is_compared_whole_and_exactly() {
    let pending = pending();
    for state in
        ["the-state", "the-state=", "the-state===", "THE-STATE==", "+the-state==", "the-state==+", "the-stat%65=", "x"]
    {
        let verdict = validate(&format!("code=c&state={state}"), Some(&pending), NOW);
        assert_eq!(code(&verdict), "state_mismatch", "{state}");
    }
}

#[test]
fn a_sign_in_may_take_15_minutes_and_a_clock_may_step_back_by_one() {
    let ages = [
        (15 * 60_000, "redeem"),
        (15 * 60_000 + 1, "login_expired"),
        (0, "redeem"),
        (-60_000, "redeem"),
        (-60_001, "login_expired"),
        (i64::MAX, "login_expired"),
        (-(1 << 62), "login_expired"),
    ];
    for (age, expected) in ages {
        let pending = PendingSignIn { created_at: UnixMillis(NOW.0.saturating_sub(age)), ..pending() };
        assert_eq!(code(&validate("code=c&state=the-state==", Some(&pending), NOW)), expected, "{age} ms");
    }
}

#[test]
fn what_was_validated_holds_the_pending_values_and_the_code() {
    let Verdict::Redeem(response) = validate("code=the+code&state=the-state==", Some(&pending()), NOW) else {
        panic!("not redeemed");
    };
    assert_eq!(response.state().reveal(), "the-state==");
    assert_eq!(response.nonce().reveal(), "the-nonce");
    assert_eq!(response.email().as_str(), "admin@example.com");
    assert!(matches!(response.grant(), Grant::Code(code) if code.reveal() == "the code"));
}

#[test]
fn a_refusal_keeps_the_providers_words_cleaned() {
    let query = "error=access_denied&error_description=No+%E2%80%AEway%0A&state=the-state==";
    let Verdict::Refused(response, Failure::ProviderError(error)) = validate(query, Some(&pending()), NOW) else {
        panic!("not refused");
    };
    assert_eq!(error.description.unwrap().as_str(), "No way");
    // The login API is told what was decoded, as it was.
    assert!(
        matches!(response.grant(), Grant::Refused(refusal) if refusal.description.as_deref() == Some("No \u{202e}way\n"))
    );
}
