//! The names of what can be made to go wrong, and of where. What each does stands in [`FAULTS`](crate::FAULTS).

/// Where a fault shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `v1/admin/auth/sso/initiate`
    Initiate,
    /// `v1/admin/auth/sso/login`
    Login,
    /// `v1/admin/auth/refresh`
    Refresh,
    /// `v1/admin/auth/logout`
    Logout,
    /// `v1/admin/projects`
    Projects,
    /// What the provider sends the browser back to the app with.
    Callback,
    /// Where the API exchanges the code, at the built-in provider.
    Token,
}

impl Endpoint {
    /// Every endpoint, in the order in which a sign-in meets them.
    pub const ALL: [Self; 7] =
        [Self::Initiate, Self::Callback, Self::Login, Self::Token, Self::Projects, Self::Refresh, Self::Logout];

    /// The name used in account addresses and by the control endpoint.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Initiate => "initiate",
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
            Self::Projects => "projects",
            Self::Callback => "callback",
            Self::Token => "token",
        }
    }

    /// The endpoint of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|endpoint| endpoint.name() == name)
    }
}

/// The faults and their names. One name is one variant, also where its meaning depends on the endpoint.
macro_rules! faults {
    ($($variant:ident = $name:literal,)*) => {
        /// One thing that goes wrong; [`FAULTS`](crate::FAULTS) says where it can and what it does there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name used in account addresses, on the provider's page and by the control endpoint.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

faults! {
    Slow = "slow",
    Hang = "hang",
    Drop = "drop",
    Truncated = "truncated",
    ServerError = "server-error",
    BadGateway = "bad-gateway",
    RateLimited = "rate-limited",
    RateLimitedDate = "rate-limited-date",
    RateLimitedSilent = "rate-limited-silent",
    Rejected = "rejected",
    Forbidden = "forbidden",
    Invalid = "invalid",
    Over = "over",
    Rubbish = "rubbish",
    Oversized = "oversized",
    Redirected = "redirected",
    OddCode = "odd-code",
    MissingField = "missing-field",
    WrongType = "wrong-type",
    Markup = "markup",
    WrongState = "wrong-state",
    DoubledState = "doubled-state",
    MissingState = "missing-state",
    EmptyState = "empty-state",
    WrongNonce = "wrong-nonce",
    ScriptRedirect = "script-redirect",
    InsecureRedirect = "insecure-redirect",
    CredentialsRedirect = "credentials-redirect",
    LongRedirect = "long-redirect",
    ErrorAccepted = "error-accepted",
    Refused = "refused",
    DoubledCode = "doubled-code",
    MissingCode = "missing-code",
    CodeAndError = "code-and-error",
    BrokenEscape = "broken-escape",
    NotUtf8 = "not-utf8",
    ControlCharacters = "control-characters",
    OverLong = "over-long",
    TemporarilyUnavailable = "temporarily-unavailable",
    UnknownError = "unknown-error",
    UsedCode = "used-code",
    Extra = "extra",
    Fragment = "fragment",
}
