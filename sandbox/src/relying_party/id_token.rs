//! The ID token (OpenID Connect Core §3.1.3.7), and a reason of its own for each way in which it can be wrong.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreIdToken, CoreIdTokenClaims, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, ClientId, Nonce, SignatureVerificationError};
use serde_json::Value;

use super::Client;

/// What is wrong with an ID token.
#[derive(Debug)]
pub(super) enum IdTokenFailure {
    /// The library's verdict.
    Claims(ClaimsVerificationError),
    /// An algorithm that cannot be verified here, or that the provider does not announce.
    Algorithm(String),
    /// Several audiences without an `azp`.
    NoAuthorizedParty,
    /// An `azp` that is not our client.
    OtherAuthorizedParty,
}

/// The claims, if everything about them is right.
pub(super) fn verify<'a>(
    client: &Client,
    client_id: &ClientId,
    id_token: &'a CoreIdToken,
    nonce: &Nonce,
) -> Result<&'a CoreIdTokenClaims, IdTokenFailure> {
    // Other audiences are as good as `azp`, which the library leaves alone.
    let verifier = client.id_token_verifier().set_other_audience_verifier_fn(|_| true);
    let claims = id_token.claims(&verifier, nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::DisallowedAlg(_) | SignatureVerificationError::UnsupportedAlg(_),
        ) => IdTokenFailure::Algorithm(id_token.signing_alg().map(name_of).unwrap_or_default()),
        other => IdTokenFailure::Claims(other),
    })?;
    match claims.authorized_party() {
        Some(party) if party != client_id => Err(IdTokenFailure::OtherAuthorizedParty),
        None if claims.audiences().len() > 1 => Err(IdTokenFailure::NoAuthorizedParty),
        _ => Ok(claims),
    }
}

/// Its name in a header.
fn name_of(algorithm: &CoreJwsSigningAlgorithm) -> String {
    let name = serde_json::to_value(algorithm).ok();
    name.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// An ID token whose algorithm the library has never heard of makes the whole answer unreadable to it.
pub(super) fn unknown_algorithm(answer: &[u8]) -> Option<IdTokenFailure> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let (header, _) = answer["id_token"].as_str()?.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let algorithm = header["alg"].as_str()?;
    let is_known = serde_json::from_value::<CoreJwsSigningAlgorithm>(algorithm.into()).is_ok();
    (!is_known).then(|| IdTokenFailure::Algorithm(algorithm.to_owned()))
}

impl IdTokenFailure {
    /// Whether the keys that were fetched before the provider changed them would lead to this.
    pub(super) fn may_be_of_old_keys(&self) -> bool {
        use SignatureVerificationError::{AmbiguousKeyId, CryptoError, NoMatchingKey};
        matches!(
            self,
            Self::Algorithm(_)
                | Self::Claims(ClaimsVerificationError::SignatureVerification(
                    AmbiguousKeyId(_) | CryptoError(_) | NoMatchingKey
                ))
        )
    }

    /// Without the values of claims, except for issuers: they may differ by one slash only.
    pub(super) fn words(&self) -> Cow<'static, str> {
        use ClaimsVerificationError as Claims;
        use SignatureVerificationError as Signature;
        Cow::Borrowed(match self {
            Self::Claims(Claims::Expired(_)) => "the ID token has expired",
            Self::Claims(Claims::InvalidAudience(_)) => "the ID token is for another client",
            Self::Claims(Claims::InvalidIssuer(issuers)) => {
                return format!("the ID token is from another issuer: {issuers}").into();
            }
            Self::Claims(Claims::InvalidNonce(_)) => "the ID token's nonce is another one",
            Self::Claims(Claims::SignatureVerification(error)) => match error {
                Signature::NoSignature => "the ID token is not signed",
                Signature::NoMatchingKey => "the ID token is signed with a key that the provider does not publish",
                Signature::AmbiguousKeyId(_) => "the ID token does not say which of the provider's keys has signed it",
                _ => "the ID token's signature does not verify",
            },
            Self::Claims(_) => "the ID token does not verify",
            Self::Algorithm(name) => {
                let name: String = name.chars().filter(|c| c.is_ascii_graphic()).take(20).collect();
                return format!(
                    "the ID token is signed with the algorithm {name}, which is not supported here or not announced by \
                     the provider"
                )
                .into();
            }
            Self::NoAuthorizedParty => "the ID token is for several clients, and has no azp that names one",
            Self::OtherAuthorizedParty => "the ID token was issued to another client (azp)",
        })
    }
}
