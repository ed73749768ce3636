//! What a user is told about waiting (contract §6).

use std::time::Duration;

use indee_admin_sso::domain::words::wait_words;

#[test]
fn a_person_is_told_in_a_persons_units_and_never_too_early() {
    let rows = [
        (0, "now."),
        (1, "in 1 second."),
        (30_000, "in 30 seconds."),
        (30_001, "in 31 seconds."),
        (119_000, "in 119 seconds."),
        (120_000, "in 2 minutes."),
        (121_000, "in 3 minutes."),
        (7_200_000, "in 2 hours."),
        (7_201_000, "in 3 hours."),
        (86_400_000, "in 24 hours."),
    ];
    for (milliseconds, words) in rows {
        assert_eq!(wait_words(Duration::from_millis(milliseconds)), words);
    }
}
