//! Secrets do not print themselves (contract §4.10).

use std::fmt::Debug;

use indee_admin_sso::domain::authorization_response::parse;
use indee_admin_sso::domain::config::Config;
use indee_admin_sso::domain::email::Email;
use indee_admin_sso::domain::secret::{AccessToken, ApiKey, AuthorizationCode, Nonce, RefreshToken, State};
use indee_admin_sso::domain::tokens::Tokens;
use indee_admin_sso::domain::validate::validate;

use crate::support::{NOW, TestUrls, authorization_request, pending};

fn print(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

#[test]
fn a_secret_says_only_what_it_is() {
    let secret = || "hidden".to_owned();
    assert_eq!(format!("{:?}", State::new(secret())), "Some(State([redacted]))");
    assert_eq!(format!("{:?}", Nonce::new(secret())), "Some(Nonce([redacted]))");
    assert_eq!(format!("{:?}", AuthorizationCode::new(secret())), "Some(AuthorizationCode([redacted]))");
    assert_eq!(format!("{:?}", AccessToken::new(secret())), "Some(AccessToken([redacted]))");
    assert_eq!(format!("{:?}", RefreshToken::new(secret())), "Some(RefreshToken([redacted]))");
    assert_eq!(format!("{:?}", ApiKey::new(secret())), "Some(ApiKey([redacted]))");
    assert_eq!(format!("{:?}", Email::parse("hidden@example.com").unwrap()), "Email([redacted])");
}

#[test]
fn nothing_that_holds_a_secret_prints_it() {
    let tokens = Tokens {
        access: AccessToken::new("hidden".to_owned()).unwrap(),
        refresh: RefreshToken::new("hidden".to_owned()).unwrap(),
    };
    let request = authorization_request("hidden", "hidden", "https://idp.example/?state=hidden&nonce=hidden").unwrap();
    let pending = pending();
    let printed = [
        print(&tokens),
        print(&Config::parse("https://api.example.com", "hidden", &TestUrls).unwrap()),
        print(&Config::parse("https://hidden@api.example.com", "", &TestUrls).unwrap_err()),
        print(&Config::parse("", "hidden key", &TestUrls).unwrap_err()),
        print(&parse("code=hidden&state=hidden").unwrap()),
        print(&request),
        print(&pending),
        print(&validate("code=hidden&state=the-state==", Some(&pending), NOW)),
        print(&validate("code=hidden&state=hidden", Some(&pending), NOW)),
    ];
    for printed in printed {
        for secret in ["hidden", "the-state", "the-nonce", "admin@example.com"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
