//! Short names for what a script and its module call each other by. Those of wasm-bindgen carry a hash each, which no
//! packer shortens: once in the script and once in the module.

use std::collections::BTreeMap;

/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;

/// A short name for each that has a hash.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Names for those in a script, in the order in which they come.
    pub fn of(script: &str) -> Names {
        let mut names = Names::default();
        for name in words(script).filter(|word| hashed(word)) {
            let next = names.0.len();
            names.0.entry(name.to_string()).or_insert_with(|| format!("${next:x}"));
        }
        names
    }

    /// A name as it is from now on.
    pub fn short<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// The script with them.
    pub fn rename(&self, script: &str) -> String {
        words(script).map(|word| self.short(word)).collect()
    }
}

/// A script cut where identifiers begin and end.
fn words(script: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = script;
    std::iter::from_fn(move || {
        let inside = part(rest.chars().next()?);
        let end = rest.find(|c| part(c) != inside).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Whether it ends in `_` or `_h` and a hash.
fn hashed(word: &str) -> bool {
    let Some((name, hash)) = word.len().checked_sub(DIGITS).and_then(|at| word.split_at_checked(at)) else {
        return false;
    };
    let digits = hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    digits && (name.ends_with('_') || name.ends_with("_h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_become_short_and_all_else_stays() {
        let script = "__wbg_arc_df3f7eb77e59876f: function(a) { a.arc(wasm.go__h0123456789abcdef); } // df3f7eb77e59876f";
        let names = Names::of(script);
        let renamed = "$0: function(a) { a.arc(wasm.$1); } // df3f7eb77e59876f";
        assert_eq!(names.rename(script), renamed);
        assert_eq!((names.short("__wbg_arc_df3f7eb77e59876f"), names.short("malloc")), ("$0", "malloc"));
    }
}
