//! Everything that the page says, one table per language, and the terms that it explains.

mod en;
mod fill;
mod term;
mod terms;

use std::cell::Cell;

pub use fill::fill;
pub use term::{Term, use_define};
pub use terms::{definition, definitions};

use en::Words;

thread_local! {
    static WORDS: Cell<&'static Words> = const { Cell::new(&en::WORDS) };
}

/// Languages that there are: code and table.
const LANGUAGES: [(&str, &Words); 1] = [("en", &en::WORDS)];

/// The page's words.
pub fn words() -> &'static Words {
    WORDS.get()
}

/// Chooses a language; false when there is no such table.
pub fn speak(language: &str) -> bool {
    let table = LANGUAGES.iter().find(|(code, _)| *code == language);
    if let Some((_, table)) = table {
        WORDS.set(table);
    }
    table.is_some()
}
