//! Faulty answers to initiate are wrong in exactly the way that their names say.

use anyhow::{Context as _, Result, ensure};
use sandbox::{FAULTS, Fault, Scope};
use url::Url;

use crate::stand::{Begun, Stand};

#[tokio::test]
async fn each_spoils_one_thing() -> Result<()> {
    let stand = Stand::start().await?;
    for row in FAULTS.iter().filter(|row| row.scope == Scope::Initiate) {
        let account = format!("initiate.{}@example.com", row.fault.name());
        let begun = stand.begin(&account).await?;
        spoiled(&stand, &begun, row.fault).with_context(|| begun.redirect.clone())?;
    }
    Ok(())
}

fn spoiled(stand: &Stand, begun: &Begun, fault: Fault) -> Result<()> {
    let url = Url::parse(&begun.redirect)?;
    let all = |wanted: &str| -> Vec<String> {
        let pairs = url.query_pairs().filter(|(name, _)| name == wanted);
        pairs.map(|(_, value)| value.into_owned()).collect()
    };
    let (state, nonce) = ([begun.state.clone()], [begun.nonce.clone()]);
    let (states, nonces) = (all("state"), all("nonce"));

    let state_is_right = match fault {
        Fault::WrongState => states.len() == 1 && states != state,
        Fault::DoubledState => states == [begun.state.clone(), begun.state.clone()],
        Fault::MissingState => states.is_empty(),
        Fault::EmptyState => begun.state.is_empty() && states == [""],
        _ => states == state,
    };
    ensure!(state_is_right, "state");
    let nonce_is_right = match fault {
        Fault::WrongNonce => nonces.len() == 1 && nonces != nonce,
        _ => nonces == nonce,
    };
    ensure!(nonce_is_right, "nonce");
    let place_is_right = match fault {
        Fault::ScriptRedirect => url.scheme() == "javascript",
        Fault::InsecureRedirect => begun.redirect.starts_with("http://example.com/"),
        Fault::CredentialsRedirect => begun.redirect.starts_with("https://user:pass@"),
        _ => begun.redirect.starts_with(&stand.provider),
    };
    ensure!(place_is_right, "place");
    let too_long = begun.redirect.len() > 8_192;
    ensure!(too_long == (fault == Fault::LongRedirect), "length");
    Ok(())
}
