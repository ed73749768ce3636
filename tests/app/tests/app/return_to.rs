//! Where a sign-in leads (contract §3).

use anyhow::Result;
use app_tests::pages::{Home, Provider, SignIn};
use app_tests::stand::Stand;

use crate::support::EMAIL;

async fn sign_in_from(stand: &Stand, path: &str) -> Result<()> {
    stand.open(path).await?;
    SignIn::shown(&stand.browser).await?.submit(EMAIL).await?;
    Provider::shown(&stand.browser).await?.sign_in().await
}

#[tokio::test]
async fn a_deep_path_is_returned_to_and_leads_home() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    let deep = "/deep/path?tab=a%20b&x=1";
    stand.open(deep).await?;
    SignIn::shown(browser).await?;
    assert_eq!(browser.address().await?, "/login?return_to=%2Fdeep%2Fpath%3Ftab%3Da%2520b%26x%3D1");
    sign_in_from(&stand, deep).await?;

    browser.wait_for_focus("heading", "Page not found").await?;
    assert_eq!(browser.address().await?, deep);
    assert_eq!(browser.client().title().await?, "Page not found · Indee Admin");
    browser.photograph("not-found").await?;

    let links: Vec<String> = browser.tree().await?.names("link").iter().map(|name| (*name).to_owned()).collect();
    let [home] = links.as_slice() else { anyhow::bail!("links: {links:?}") };
    browser.click("link", home).await?;
    Home::shown(browser).await?;
    assert_eq!(browser.address().await?, "/");
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}

#[tokio::test]
async fn what_is_no_path_of_this_origin_counts_as_the_start_page() -> Result<()> {
    let stand = Stand::start().await?;
    let evil = [
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "https%3A%2F%2Fevil.example",
        "%2Fx%2F..%2F%2Fevil.example",
        "%2Flogin%2Fsso_callback%3Fcode%3Dx",
        "%2Flogin",
        "%2Fdeep&return_to=%2Fdeep",
    ];
    for return_to in evil {
        sign_in_from(&stand, &format!("/login?return_to={return_to}")).await?;
        Home::shown(&stand.browser).await?;
        assert_eq!(stand.browser.address().await?, "/", "{return_to}");
    }
    stand.assert_calls(evil.len(), evil.len(), 0)?;
    stand.finish().await
}

#[tokio::test]
async fn signed_in_visits_of_the_form_go_home() -> Result<()> {
    let stand = Stand::start().await?;
    let browser = &stand.browser;
    stand.sign_in(EMAIL).await?;
    // Within the page, as a link would: a visit from outside would load the app anew and end the session.
    for path in ["/login", "/login/", "/login/sso_callback"] {
        let script = "
            const link = document.createElement('a');
            link.href = arguments[0];
            document.querySelector('main').append(link);
            link.click();";
        browser.script(script, vec![path.into()]).await?;
        browser.wait_for_address("/").await?;
        Home::shown(browser).await?;
    }
    stand.assert_calls(1, 1, 0)?;
    stand.finish().await
}
