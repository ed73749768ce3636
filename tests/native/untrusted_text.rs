//! Somebody else's words (contract §4.8).

use indee_admin_sso::domain::untrusted_text::UntrustedText;
use unicode_general_category::{GeneralCategory, get_general_category};

fn clean(text: &str) -> Option<String> {
    UntrustedText::clean(text).map(|text| text.as_str().to_owned())
}

#[test]
fn removes_exactly_the_categories_cc_cf_zl_and_zp() {
    for c in '\0'..=char::MAX {
        let is_invisible = matches!(
            get_general_category(c),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        );
        let expected = if is_invisible { "<>".to_owned() } else { format!("<{c}>") };
        assert_eq!(clean(&format!("<{c}>")).unwrap(), expected, "U+{:04X}", u32::from(c));
    }
}

#[test]
fn keeps_markup_as_the_text_that_it_is() {
    assert_eq!(clean("<img src=x onerror=alert(1)>").unwrap(), "<img src=x onerror=alert(1)>");
}

#[test]
fn shows_at_most_300_characters_none_of_them_cut() {
    assert_eq!(clean(&"x".repeat(300)).unwrap().chars().count(), 300);
    assert_eq!(clean(&"😀".repeat(301)).unwrap(), "😀".repeat(300));
    // What is removed does not count.
    assert_eq!(clean(&"\u{200b}x".repeat(301)).unwrap(), "x".repeat(300));
}

#[test]
fn shows_nothing_where_nothing_is_left() {
    for text in ["", " ", "\u{202e}\n\t", " \u{200b} "] {
        assert_eq!(clean(text), None, "{text:?}");
    }
}
