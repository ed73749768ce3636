//! The redirect query, one row a rule (contract §4.5, §4.6).

use indee_admin_sso::domain::authorization_response::{
    AuthorizationResponse, AuthorizationResult, ErrorResponse, is_callback, parse,
};

/// A response, with its secrets laid open for comparison.
#[derive(Debug, PartialEq)]
struct Read {
    state: Option<String>,
    result: Outcome,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Code(String),
    Error(String, Option<String>),
    Nothing,
}

fn read(query: &str) -> Option<Read> {
    let AuthorizationResponse { state, result } = parse(query).ok()?;
    let result = match result {
        AuthorizationResult::Code(code) => Outcome::Code(code.reveal().to_owned()),
        AuthorizationResult::Error(ErrorResponse { error, description }) => Outcome::Error(error, description),
        AuthorizationResult::Nothing => Outcome::Nothing,
    };
    Some(Read { state: state.map(|state| state.reveal().to_owned()), result })
}

fn code(state: &str, code: &str) -> Option<Read> {
    Some(Read { state: Some(state.to_owned()), result: Outcome::Code(code.to_owned()) })
}

fn nothing(state: Option<&str>) -> Option<Read> {
    Some(Read { state: state.map(str::to_owned), result: Outcome::Nothing })
}

fn error(state: &str, error: &str, description: Option<&str>) -> Option<Read> {
    let result = Outcome::Error(error.to_owned(), description.map(str::to_owned));
    Some(Read { state: Some(state.to_owned()), result })
}

#[test]
fn reads_what_is_well_formed() {
    let rows = [
        ("an ordinary response", "code=c&state=s", code("s", "c")),
        ("in any order", "state=s&code=c", code("s", "c")),
        ("a state that ends in ==, as it is", "code=c&state=s==", code("s==", "c")),
        ("a state that ends in ==, encoded", "code=c&state=s%3D%3D", code("s==", "c")),
        ("escapes in lower case", "code=c&state=s%3d", code("s=", "c")),
        ("a plus is a space", "code=a+b&state=s", code("s", "a b")),
        ("an encoded plus is a plus", "code=a%2Bb&state=s", code("s", "a+b")),
        ("decoded once only", "code=%2525&state=s", code("s", "%25")),
        ("an encoded name", "c%6fde=c&st%61te=s", code("s", "c")),
        ("both ends of printable ASCII", "code=%20%7E&state=s", code("s", " ~")),
        ("unknown parameters are ignored", "code=c&state=s&utm=x&utm=y&hd=%C3%A9", code("s", "c")),
        (
            "known ones without a use",
            "code=c&state=s&iss=https%3A%2F%2Fidp&session_state=a.b&error_uri=",
            code("s", "c"),
        ),
        ("empty pieces are no parameters", "&&code=c&&state=s&", code("s", "c")),
        ("an empty code counts as absent", "code=&state=s", nothing(Some("s"))),
        ("a code without = counts as absent", "code&state=s", nothing(Some("s"))),
        (
            "an empty state counts as absent",
            "code=c&state=",
            Some(Read { state: None, result: Outcome::Code("c".into()) }),
        ),
        ("an empty error beside a code is no error", "error=&code=c&state=s", code("s", "c")),
        (
            "an empty code beside an error is no code",
            "error=access_denied&code=&state=s",
            error("s", "access_denied", None),
        ),
        ("nothing at all", "state=", nothing(None)),
        (
            "an error with its description",
            "error=access_denied&error_description=User+is+not+assigned%21&state=s",
            error("s", "access_denied", Some("User is not assigned!")),
        ),
        ("an empty description counts as absent", "error=e&error_description=&state=s", error("s", "e", None)),
        (
            "a description may hold anything that is UTF-8",
            "error=e&error_description=%00%E2%80%AE%0A&state=s",
            error("s", "e", Some("\0\u{202e}\n")),
        ),
        ("names are case-sensitive", "Code=c&STATE=s", nothing(None)),
    ];
    for (rule, query, expected) in rows {
        assert_eq!(read(query), expected, "{rule}: {query}");
    }
}

#[test]
fn refuses_what_is_malformed() {
    let rows = [
        ("a doubled state", "code=c&state=s&state=s"),
        ("a doubled code", "code=c&code=c&state=s"),
        ("a doubled code, both empty", "code=&code=&state=s"),
        ("a doubled code, one empty", "code=c&state=s&code"),
        ("a doubled code, one with an encoded name", "code=c&c%6Fde=d&state=s"),
        ("a doubled error", "error=e&error=e&state=s"),
        ("a doubled error_description", "error=e&error_description=a&error_description=b&state=s"),
        ("a doubled error_uri", "error=e&error_uri=a&error_uri=b&state=s"),
        ("a doubled iss", "code=c&state=s&iss=a&iss=a"),
        ("a doubled session_state", "code=c&state=s&session_state=&session_state="),
        ("a percent sign at the end", "code=c&state=s%"),
        ("half an escape at the end", "code=c&state=s%2"),
        ("an escape that is not hexadecimal", "code=c&state=s%2G"),
        ("an escape with a sign", "code=c&state=%+1"),
        ("a broken escape in an unknown value", "code=c&state=s&utm=%zz"),
        ("a broken escape in an unknown name", "code=c&state=s&%zz=1"),
        ("bytes that are not UTF-8", "code=c&state=s%FF"),
        ("bytes that are not UTF-8 in an unknown value", "code=c&state=s&utm=%C3"),
        ("an overlong form of UTF-8", "code=c&state=s&utm=%C0%AF"),
        ("a surrogate", "code=c&state=s&utm=%ED%A0%80"),
        ("a control character in the code", "code=c%0A&state=s"),
        ("a control character in the state", "code=c&state=s%00"),
        ("DEL in the code", "code=c%7F&state=s"),
        ("beyond ASCII in the state", "code=c&state=%C3%A9"),
        ("beyond ASCII in the code, not encoded", "code=é&state=s"),
        ("both a code and an error", "code=c&error=access_denied&state=s"),
    ];
    for (rule, query) in rows {
        assert_eq!(read(query), None, "{rule}: {query}");
    }
}

#[test]
fn reads_16384_bytes_and_refuses_one_more() {
    let longest = format!("state=s&code={}", "c".repeat(16_384 - "state=s&code=".len()));
    assert_eq!(longest.len(), 16_384);
    assert!(read(&longest).is_some());
    assert_eq!(read(&format!("{longest}c")), None);
    // Bytes count, not what they decode to.
    assert_eq!(read(&format!("state=s&utm={}", "%41".repeat(5_500))), None);
}

#[test]
fn knows_a_callback_by_the_names_of_its_parameters() {
    for query in ["code=c", "state=", "error", "x=1&code", "c%6Fde=x", "code=%zz", "code=&code=", "%zz=1&state=s"] {
        assert!(is_callback(query), "{query}");
    }
    for query in
        ["", "x=code", "Code=c", "codes=1", "error_description=x", "iss=x&session_state=y", "%63%6f%64=1", "%zz"]
    {
        assert!(!is_callback(query), "{query}");
    }
}
