//! A test certificate authority, and a TLS relay in front of an API with a right or a wrong certificate.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData as _};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::stand::listen;

/// The host name of every server: it needs no DNS.
pub(crate) const HOST: &str = "localhost";

/// The certificate that an API presents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Certificate {
    /// From the trusted authority, for the right name, and valid now.
    Right,
    /// From another authority with the same name.
    OtherAuthority,
    /// For another name.
    OtherName,
    /// Expired.
    Expired,
}

/// The authority, and the key of every server: one per process, since the browser must know the key when it starts.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
}

static AUTHORITY: LazyLock<Result<Authority, rcgen::Error>> =
    LazyLock::new(|| Ok(Authority { issuer: issuer()?, key: KeyPair::generate()? }));

fn issuer() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate()?)
}

impl Authority {
    /// The authority of this process.
    pub(crate) fn get() -> Result<&'static Self> {
        AUTHORITY.as_ref().map_err(|error| anyhow!("no certificates: {error}"))
    }

    /// Its certificate, for nginx to trust.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// The key of every certificate.
    pub(crate) fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// A certificate.
    pub(crate) fn certificate(&self, certificate: Certificate) -> Result<rcgen::Certificate> {
        let name = if certificate == Certificate::OtherName { "other.example" } else { HOST };
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        if certificate == Certificate::Expired {
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        Ok(match certificate {
            Certificate::OtherAuthority => params.signed_by(&self.key, &*issuer()?)?,
            _ => params.signed_by(&self.key, &self.issuer)?,
        })
    }

    /// A client that trusts this authority and no other.
    pub(crate) fn client(&self) -> Result<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone())?;
        Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    }

    /// The argument that makes Chromium trust the servers. Unlike with ignored errors, their pages are cached as usual.
    pub(crate) fn argument_for_chromium(&self) -> String {
        let hash = STANDARD.encode(Sha256::digest(self.key.subject_public_key_info()));
        format!("--ignore-certificate-errors-spki-list={hash}")
    }

    fn server(&self, certificate: Certificate) -> Result<TlsAcceptor> {
        let chain = vec![self.certificate(certificate)?.der().clone()];
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        // nginx has to be configured for TLS 1.3 towards an API.
        let config = ServerConfig::builder_with_protocol_versions(&[&TLS13])
            .with_no_client_auth()
            .with_single_cert(chain, key.into())?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Ends TLS in front of an API and records every byte received. Stops when dropped.
pub(crate) struct Relay {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Starts a relay to an API that listens on `api_port`.
    pub(crate) async fn start(certificate: Certificate, api_port: u16) -> Result<Self> {
        let server = Authority::get()?.server(certificate)?;
        let (listener, port) = listen().await?;
        let received: Arc<Mutex<Vec<u8>>> = Arc::default();
        let note = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Errors of a connection show at nginx.
                tokio::spawn(hand_on(server.clone(), stream, api_port, Arc::clone(&note)));
            }
        });
        Ok(Self { port, received, task })
    }

    /// Everything received, decrypted.
    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.received.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hand_on(server: TlsAcceptor, stream: TcpStream, api_port: u16, note: Arc<Mutex<Vec<u8>>>) -> Result<()> {
    let (mut from_proxy, mut to_proxy) = tokio::io::split(server.accept(stream).await?);
    let api = TcpStream::connect(("127.0.0.1", api_port)).await.context("no API")?;
    let (mut from_api, mut to_api) = api.into_split();
    let requests = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let length = from_proxy.read(&mut buffer).await?;
            let part = buffer.get(..length).unwrap_or_default();
            if part.is_empty() {
                return std::io::Result::Ok(());
            }
            note.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(part);
            to_api.write_all(part).await?;
        }
    };
    let answers = async {
        tokio::io::copy(&mut from_api, &mut to_proxy).await?;
        to_proxy.shutdown().await
    };
    // One call per connection.
    tokio::select! {
        // nginx hangs up when the browser does.
        ended = requests => ended?,
        ended = answers => ended?,
    }
    Ok(())
}
