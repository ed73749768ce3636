//! Text that somebody else wrote, made harmless to look at (contract §4.8). It is only ever shown as text, never as markup.

/// The most characters that are shown.
const MAX_CHARACTERS: usize = 300;

/// Somebody else's words without invisible characters: what could hide, reorder or break text is gone, and what is left
/// is at most 300 characters long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntrustedText(String);

impl UntrustedText {
    /// Cleans a text; `None` where nothing is left to show.
    #[must_use]
    pub fn clean(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|c| !is_invisible(*c)).take(MAX_CHARACTERS).collect();
        (!text.trim().is_empty()).then_some(Self(text))
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Unicode's general categories Cc (control), Cf (format: zero-width and bidirectional controls among them), Zl and Zp
/// (line and paragraph separator). A test compares the whole of Unicode.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{2066}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0001}'
                | '\u{e0020}'..='\u{e007f}'
        )
}
