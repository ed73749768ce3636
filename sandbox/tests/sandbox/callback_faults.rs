//! What the provider sends the browser back with: right, refused, or faulty as chosen.

use anyhow::{Context as _, Result, ensure};
use sandbox::{Endpoint, FAULTS, Fault, Scope, Times};
use url::form_urlencoded;

use crate::stand::{Begun, LOGIN, Stand};

#[tokio::test]
async fn each_does_what_its_name_says_whether_chosen_carried_or_ordered() -> Result<()> {
    let stand = Stand::start().await?;
    for row in FAULTS.iter().filter(|row| row.scope == Scope::Callback) {
        let name = row.fault.name();
        let context = || name.to_owned();

        let begun = stand.begin("admin@example.com").await?;
        let chosen = stand.press(&begun.redirect, &begun.email, name, "sign-in").await?;
        shows(&stand, &begun, &chosen, row.fault).await.with_context(context)?;

        let begun = stand.begin(&format!("callback.{name}@example.com")).await?;
        let carried = stand.press(&begun.redirect, &begun.email, "", "sign-in").await?;
        shows(&stand, &begun, &carried, row.fault).await.with_context(context)?;

        let begun = stand.begin("admin@example.com").await?;
        stand.sandbox.set_fault(Endpoint::Callback, row.fault, Times::Once)?;
        let ordered = stand.press(&begun.redirect, &begun.email, "", "sign-in").await?;
        shows(&stand, &begun, &ordered, row.fault).await.with_context(context)?;
    }
    Ok(())
}

#[tokio::test]
async fn refuse_refuses_even_without_an_account() -> Result<()> {
    let stand = Stand::start().await?;
    let begun = stand.begin("callback.extra@example.com").await?;
    let location = stand.press(&begun.redirect, "", "", "refuse").await?;
    shows(&stand, &begun, &location, Fault::Refused).await
}

/// What stands in a callback, read leniently.
struct Seen {
    states: Vec<String>,
    codes: Vec<String>,
    errors: Vec<String>,
    description: String,
}

fn read(query: &str) -> Seen {
    let all = |wanted: &str| -> Vec<String> {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.filter(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).collect()
    };
    Seen {
        states: all("state"),
        codes: all("code"),
        errors: all("error"),
        description: all("error_description").concat(),
    }
}

async fn shows(stand: &Stand, begun: &Begun, location: &str, fault: Fault) -> Result<()> {
    let (place, rest) = location.split_once('?').context("no query")?;
    ensure!(place == "http://localhost:3000/login/sso_callback", "{place}");
    let (query, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let Seen { states, codes, errors, description } = read(query);
    let state = begun.state.clone();

    let states_right = match fault {
        Fault::WrongState => states.len() == 1 && states != [state],
        Fault::MissingState => states.is_empty(),
        Fault::EmptyState => states == [""],
        Fault::DoubledState => states == [state.clone(), state],
        _ => states == [state],
    };
    ensure!(states_right, "state: {location}");

    let error = match fault {
        Fault::Refused | Fault::CodeAndError | Fault::Markup => Some("access_denied"),
        Fault::ServerError => Some("server_error"),
        Fault::TemporarilyUnavailable => Some("temporarily_unavailable"),
        Fault::UnknownError => Some("sandbox_made_this_up"),
        _ => None,
    };
    ensure!(errors == Vec::from_iter(error), "error: {location}");

    let code_count = match fault {
        Fault::MissingCode => 0,
        Fault::DoubledCode => 2,
        Fault::CodeAndError => 1,
        _ if error.is_some() => 0,
        _ => 1,
    };
    ensure!(codes.len() == code_count, "code: {location}");
    ensure!((query.len() > 16_384) == (fault == Fault::OverLong), "length");
    ensure!(fragment == if fault == Fault::Fragment { "_=_" } else { "" }, "fragment");

    let bytes = form_urlencoded::parse(query.as_bytes());
    let lossy = bytes.clone().any(|(_, value)| value.contains('\u{fffd}'));
    ensure!(lossy == (fault == Fault::NotUtf8), "UTF-8");
    ensure!(query.ends_with('%') == (fault == Fault::BrokenEscape), "escape");
    let control = codes.iter().any(|code| code.chars().any(char::is_control));
    ensure!(control == (fault == Fault::ControlCharacters), "control characters");
    let extra = query.contains("&iss=http") && query.contains("&session_state=");
    ensure!(extra == (fault == Fault::Extra), "extra");
    match fault {
        Fault::Refused => ensure!(!description.is_empty()),
        Fault::Markup => {
            ensure!(description.contains("<img src=x onerror="));
            ensure!(description.contains('\u{202e}') && description.chars().count() > 300);
        }
        _ => {}
    }

    // A code that comes is a good one, unless that is the fault.
    if let (Some(code), true) = (codes.first(), !control) {
        let login = stand.call(LOGIN, &begun.login_body(code)).await?;
        match fault {
            Fault::UsedCode => login.is(401, "A2002")?,
            _ => login.is(200, "A0000")?,
        }
    }
    Ok(())
}
