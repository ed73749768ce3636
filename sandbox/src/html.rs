//! Pages for people: plain, self-contained, readable by everybody.

use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// System fonts and colours, so that light and dark come from the browser.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem 1rem;overflow-wrap:anywhere}\
h1{line-height:1.2}\
label{display:block;font-weight:600;margin-top:1rem}\
input,select,button{font:inherit;max-width:100%;box-sizing:border-box;padding:.5rem .75rem}\
input,select{width:100%}\
button{min-height:2.75rem;margin:1rem .5rem 0 0;cursor:pointer}\
:focus-visible{outline:3px solid Highlight;outline-offset:2px}\
table{border-collapse:collapse;width:100%;margin:1rem 0}\
caption{text-align:start;font-weight:600}\
th code{overflow-wrap:normal;font-weight:400}\
th,td{border:1px solid GrayText;padding:.3rem .5rem;text-align:start;vertical-align:top}\
.error{border-inline-start:.3rem solid;padding-inline-start:.75rem;font-weight:600}";

/// Text as HTML text or as a quoted attribute value.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A whole page. `title` is text; `main` is HTML whose values were escaped by its maker.
pub(crate) fn page(status: StatusCode, title: &str, main: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n\
         <body><main>\n<h1>{title}</h1>\n{main}\n</main></body></html>\n"
    );
    (status, headers(), Html(html)).into_response()
}

/// Nothing may be loaded, run or framed, and neither the address, which holds a state, nor the page is kept. No `form-action`:
/// browsers apply it to the redirect that follows the form, and that goes to the app.
fn headers() -> [(HeaderName, &'static str); 4] {
    [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ]
}

/// A fault-ridden text for people: markup that would run, direction overrides, invisible characters, and far too long.
pub(crate) fn hostile_text() -> String {
    let head = "<img src=x onerror=\"document.title='markup ran'\"><b>bold</b> \
                \u{202e}reversed\u{202c} zero\u{200b}width\u{feff} bell\u{7} line\u{2028}separator ";
    format!("{head}{}", "and so on ".repeat(40))
}
