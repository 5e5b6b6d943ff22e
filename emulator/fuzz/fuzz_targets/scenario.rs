//! Any text as a scenario of each kind: parsed, or refused with a message.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use observe::scenario::attacks::Attacks;
use observe::scenario::comparison::Comparison;
use observe::scenario::single::Single;
use observe::scenario::{Scenario, parse};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else { return Corpus::Reject };
    let single = try_parse::<Single>(text);
    try_parse::<Comparison>(text);
    if let Some(attacks) = try_parse::<Attacks>(text) {
        assert!(attacks.attacks.iter().all(|a| attacks.judged(a).count() > 0), "judged by nothing");
    }
    #[cfg(feature = "planted-bug")]
    single.iter().for_each(|s| assert!(planted_short(&s.title).len() <= s.title.len()));
    _ = single;
    Corpus::Keep
});

fn try_parse<S: Scenario>(text: &str) -> Option<S> {
    match parse::<S>(text) {
        Ok(scenario) => Some(scenario),
        Err(error) => {
            assert!(!error.is_empty());
            None
        }
    }
}

/// The planted bug: a title is cut in half at a byte, which may lie inside a character.
#[cfg(feature = "planted-bug")]
fn planted_short(title: &str) -> &str {
    &title[..title.len() / 2]
}
