//! A running sandbox, and a client that does what the app and a browser would.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, StatusCode};
use sandbox::{Endpoint, ProviderChoice, Sandbox, Settings, local_url, serve};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

pub(crate) const KEY: &str = "sandbox-api-key";
pub(crate) const INITIATE: &str = "/v1/admin/auth/sso/initiate";
pub(crate) const LOGIN: &str = "/v1/admin/auth/sso/login";
pub(crate) const REFRESH: &str = "/v1/admin/auth/refresh";
pub(crate) const LOGOUT: &str = "/v1/admin/auth/logout";
pub(crate) const PROJECTS: &str = "/v1/admin/projects?limit=12";

/// Both servers on free ports; they stop with this value.
pub(crate) struct Stand {
    pub(crate) sandbox: Sandbox,
    /// Origins without a slash at the end.
    pub(crate) api: String,
    pub(crate) provider: String,
    http: reqwest::Client,
    servers: [JoinHandle<std::io::Result<()>>; 2],
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn field(&self, name: &str) -> Result<String> {
        let json = self.json();
        let text = json[name].as_str();
        Ok(text.with_context(|| format!("no {name} in {json}"))?.to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status and `status_code` at once.
    pub(crate) fn is(&self, status: u16, code: &str) -> Result<()> {
        let found = self.json()["status_code"].clone();
        ensure!(self.status == status && found == code, "expected {status} {code}, got {} {}", self.status, self.text);
        Ok(())
    }
}

/// A sign-in that was begun.
pub(crate) struct Begun {
    pub(crate) email: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) redirect: String,
}

impl Begun {
    pub(crate) fn login_body(&self, code: &str) -> Value {
        json!({
            "state": self.state, "nonce": self.nonce, "email": self.email,
            "code": code, "error": false, "error_description": {},
        })
    }
}

pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Stand {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Result<Self> {
        let api = TcpListener::bind(("127.0.0.1", 0)).await?;
        let provider = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (api_port, provider_port) = (api.local_addr()?.port(), provider.local_addr()?.port());
        let mut settings = Settings {
            provider: ProviderChoice::BuiltIn { issuer: local_url(provider_port, "/") },
            slow: Duration::from_millis(300),
            ..Settings::default()
        };
        change(&mut settings);
        let sandbox = Sandbox::new(settings)?;
        let servers = [
            tokio::spawn(serve(api, sandbox.api(), std::future::pending())),
            tokio::spawn(serve(provider, sandbox.provider(), std::future::pending())),
        ];
        Ok(Self {
            sandbox,
            api: format!("http://127.0.0.1:{api_port}"),
            provider: format!("http://localhost:{provider_port}"),
            http: client()?,
            servers,
        })
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.api))
    }

    /// One of the four authentication calls, as the app makes it.
    pub(crate) async fn call(&self, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::POST, path);
        send(request.bearer_auth(KEY).json(body)).await
    }

    pub(crate) async fn projects(&self, access: &str) -> Result<Answer> {
        send(self.request(Method::GET, PROJECTS).bearer_auth(access)).await
    }

    pub(crate) async fn begin(&self, email: &str) -> Result<Begun> {
        let answer = self.call(INITIATE, &json!({"username": email})).await?;
        answer.is(200, "A0000")?;
        Ok(Begun {
            email: email.to_owned(),
            state: answer.field("state")?,
            nonce: answer.field("nonce")?,
            redirect: answer.field("redirect")?,
        })
    }

    pub(crate) async fn page(&self, url: &str) -> Result<Answer> {
        send(self.http.get(url)).await
    }

    pub(crate) async fn post_form(&self, url: &str, pairs: &[(String, String)]) -> Result<Answer> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.http.post(url);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        send(request.body(body)).await
    }

    /// Opens the provider's page, fills it in, presses a button; the address that the browser is sent to.
    pub(crate) async fn press(&self, redirect: &str, email: &str, fault: &str, button: &str) -> Result<String> {
        let page = self.page(redirect).await?;
        ensure!(page.status == 200, "no page: {}", page.text);
        let mut pairs = hidden_fields(&page.text);
        for (name, value) in [("email", email), ("fault", fault), ("decision", button)] {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        let action = Url::parse(redirect)?.join("authorize")?;
        let answer = self.post_form(action.as_str(), &pairs).await?;
        ensure!(answer.status == 303, "no redirect: {}", answer.text);
        let location = answer.header("location").context("no Location")?;
        Ok(location.to_owned())
    }

    /// A sign-in at the provider that goes well; the code.
    pub(crate) async fn code(&self, begun: &Begun) -> Result<String> {
        let location = self.press(&begun.redirect, &begun.email, "", "sign-in").await?;
        query(&location)?.remove("code").context("no code in the callback")
    }

    /// A whole sign-in.
    pub(crate) async fn sign_in(&self, email: &str) -> Result<Tokens> {
        let begun = self.begin(email).await?;
        let code = self.code(&begun).await?;
        let answer = self.call(LOGIN, &begun.login_body(&code)).await?;
        answer.is(200, "A0000")?;
        Ok(Tokens { access: answer.field("token")?, refresh: answer.field("refresh_token")? })
    }

    /// A request to that endpoint that would succeed, again and again until it does.
    pub(crate) async fn good_request(&self, endpoint: Endpoint, email: &str) -> Result<Good> {
        let token = |tokens: Tokens| json!({"refresh_token": tokens.refresh});
        let (method, path, body, key) = match endpoint {
            Endpoint::Initiate => (Method::POST, INITIATE, json!({"username": email}), KEY.into()),
            Endpoint::Login => {
                let begun = self.begin(email).await?;
                let code = self.code(&begun).await?;
                (Method::POST, LOGIN, begun.login_body(&code), KEY.into())
            }
            Endpoint::Refresh => {
                let body = token(self.sign_in(email).await?);
                (Method::POST, REFRESH, body, KEY.into())
            }
            Endpoint::Logout => {
                let body = token(self.sign_in(email).await?);
                (Method::POST, LOGOUT, body, KEY.into())
            }
            Endpoint::Projects | Endpoint::Callback | Endpoint::Token => {
                let access = self.sign_in(email).await?.access;
                (Method::GET, PROJECTS, Value::Null, access)
            }
        };
        Ok(Good { method, path, body: if body.is_null() { String::new() } else { body.to_string() }, bearer: key })
    }

    /// What comes back from the API when bytes are sent to it without any client's help.
    pub(crate) async fn raw(&self, request: &str) -> Result<Vec<u8>> {
        let address = self.api.strip_prefix("http://").context("no address")?;
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::new();
        // Whether the connection ends by FIN or RST is the operating system's choice.
        let _ = stream.read_to_end(&mut bytes).await;
        Ok(bytes)
    }

    pub(crate) async fn send(&self, good: &Good) -> Result<Answer> {
        let request = self.request(good.method.clone(), good.path);
        let request = request.header("Content-Type", "application/json");
        send(request.bearer_auth(&good.bearer).body(good.body.clone())).await
    }
}

/// A request that can be sent, also as raw bytes.
pub(crate) struct Good {
    method: Method,
    path: &'static str,
    body: String,
    bearer: String,
}

impl Good {
    pub(crate) fn raw(&self) -> String {
        format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
            self.method,
            self.path,
            self.bearer,
            self.body.len(),
            self.body
        )
    }
}

pub(crate) fn client() -> Result<reqwest::Client> {
    let none = reqwest::redirect::Policy::none();
    let builder = reqwest::Client::builder().redirect(none).no_proxy();
    // Each request on a connection of its own: a cut one then hits nobody else.
    Ok(builder.pool_max_idle_per_host(0).build()?)
}

pub(crate) async fn send(request: RequestBuilder) -> Result<Answer> {
    let response = request.send().await?;
    Ok(Answer { status: response.status(), headers: response.headers().clone(), text: response.text().await? })
}

/// The query of a URL, decoded.
pub(crate) fn query(url: &str) -> Result<HashMap<String, String>> {
    Ok(Url::parse(url)?.query_pairs().into_owned().collect())
}

/// The hidden fields of a page, unescaped.
pub(crate) fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input type=\"hidden\" name=\"").skip(1);
    inputs
        .filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            let (value, _) = rest.split_once('"')?;
            let value = value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            Some((name.to_owned(), value))
        })
        .collect()
}
