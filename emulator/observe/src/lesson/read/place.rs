//! Where a lesson's text is wrong.

use std::fmt;
use std::ops::Range;

/// What is wrong, and where. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
    /// What is wrong, and what was expected.
    pub text: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.text)
    }
}

impl std::error::Error for Wrong {}

impl Wrong {
    /// Something wrong at a byte of the text.
    pub fn at(source: &str, offset: usize, text: impl Into<String>) -> Wrong {
        let before = source.get(..offset.min(source.len())).unwrap_or(source);
        let line = before.rsplit('\n').next().unwrap_or("");
        Wrong { line: before.matches('\n').count() + 1, column: line.chars().count() + 1, text: text.into() }
    }
}

/// A block of TOML within the text.
#[derive(Clone, Debug)]
pub struct Toml<'a> {
    /// The whole text.
    pub source: &'a str,
    /// Its content.
    pub text: String,
    /// Where its content begins.
    pub start: usize,
    /// The block's word, for what is said about it.
    pub word: &'static str,
}

impl Toml<'_> {
    /// Reads it, or says where it is wrong.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Wrong> {
        toml::from_str(&self.text).map_err(|e| {
            let at = e.span().unwrap_or(Range { start: 0, end: 0 }).start;
            self.wrong_at(at, format!("`{}`: {}", self.word, e.message().replace('\n', "; ")))
        })
    }

    /// Something wrong at a byte of its content.
    pub fn wrong_at(&self, at: usize, text: impl Into<String>) -> Wrong {
        Wrong::at(self.source, self.start + at, text)
    }

    /// Something wrong with `what`, which stands in it; at its beginning if it does not.
    pub fn wrong(&self, what: &str, text: impl Into<String>) -> Wrong {
        let at = self.text.find(what).unwrap_or(0);
        self.wrong_at(at, format!("`{}`: {}", self.word, text.into()))
    }
}
