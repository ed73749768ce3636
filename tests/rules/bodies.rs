//! The bodies of the API calls, exactly as documented (contract §1, §4.8).

use indee_admin_sso::api::endpoints::{initiate, login, logout, refresh};
use indee_admin_sso::api::projects::first_projects;
use indee_admin_sso::api::request::{Content, Delivery, Request};
use indee_admin_sso::domain::email::Email;
use indee_admin_sso::domain::secret::RefreshToken;
use indee_admin_sso::domain::validate::{Verdict, validate};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{NOW, TestJson, pending};

fn json(request: &Request) -> String {
    match &request.content {
        Content::Post(json) => json.clone(),
        Content::Get => panic!("no body"),
    }
}

fn login_body(query: &str) -> String {
    match validate(query, Some(&pending()), NOW) {
        Verdict::Redeem(response) | Verdict::Refused(response, _) => json(&login::<TestJson>(&response).unwrap()),
        Verdict::Rejected(failure) => panic!("{failure:?}"),
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn initiate_names_the_user() {
    let request = initiate::<TestJson>(&Email::parse("  \"a\\b\"@example.com ").unwrap()).unwrap();
    assert_eq!(request.path, "v1/admin/auth/sso/initiate");
    assert_eq!(json(&request), r#"{"username":"\"a\\b\"@example.com"}"#);
    assert_eq!(request.delivery, Delivery::Ordinary);
}

#[wasm_bindgen_test(unsupported = test)]
fn login_sends_all_six_fields() {
    assert_eq!(
        login_body("code=the%22code&state=the-state=="),
        r#"{"state":"the-state==","nonce":"the-nonce","email":"admin@example.com","code":"the\"code","error":false,"error_description":{}}"#
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refusal_is_told_as_it_was_decoded() {
    let body = |description: &str| {
        format!(
            r#"{{"state":"the-state==","nonce":"the-nonce","email":"admin@example.com","code":"","error":true,"error_description":"{description}"}}"#
        )
    };
    assert_eq!(
        login_body("error=access_denied&error_description=User+is+%E2%80%AEnot+assigned&state=the-state=="),
        body("access_denied: User is \u{202e}not assigned")
    );
    assert_eq!(login_body("error=access_denied&error_description=&state=the-state=="), body("access_denied"));
}

#[wasm_bindgen_test(unsupported = test)]
fn login_goes_to_its_endpoint() {
    let Verdict::Redeem(response) = validate("code=c&state=the-state==", Some(&pending()), NOW) else {
        panic!("not redeemed");
    };
    let request = login::<TestJson>(&response).unwrap();
    assert_eq!((&*request.path, request.delivery), ("v1/admin/auth/sso/login", Delivery::Ordinary));
}

#[wasm_bindgen_test(unsupported = test)]
fn logout_outlives_the_page() {
    let request = logout::<TestJson>(&RefreshToken::new("r.r.r".to_owned()).unwrap()).unwrap();
    assert_eq!((&*request.path, request.delivery), ("v1/admin/auth/logout", Delivery::OutlivesPage));
    assert_eq!(json(&request), r#"{"refresh_token":"r.r.r"}"#);
}

#[wasm_bindgen_test(unsupported = test)]
fn refresh_sends_the_refresh_token() {
    let request = refresh::<TestJson>(&RefreshToken::new("r.r.r".to_owned()).unwrap()).unwrap();
    assert_eq!((&*request.path, request.delivery), ("v1/admin/auth/refresh", Delivery::Ordinary));
    assert_eq!(json(&request), r#"{"refresh_token":"r.r.r"}"#);
}

#[wasm_bindgen_test(unsupported = test)]
fn projects_are_asked_for_as_documented() {
    let request = first_projects();
    assert_eq!(request.path, "v1/admin/projects?limit=12");
    assert!(matches!(request.content, Content::Get));
}
