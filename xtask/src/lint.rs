//! What the machine, the runner and the page may not know of: the trick that runs on them.
//!
//! The words are looked for as words: `eli` is refused, `delivery` and `exitless`, the program's
//! name, are not.

use std::fs;
use std::path::{Path, PathBuf};

use crate::shell::{Outcome, root};

/// Folders that must not know.
const FOLDERS: [&str; 3] = ["emulator", "native-runner", "web"];
/// Words that would show that they do, each as its parts.
const WORDS: [&[&str]; 6] =
    [&["eli"], &["exit", "less"], &["shadow", "idt"], &["shadowidt"], &["shadowed", "idt"], &["directeoi"]];
/// Files that are read.
const EXTENSIONS: [&str; 9] = ["rs", "toml", "md", "html", "css", "js", "mjs", "ts", "json"];

/// Fails with every place where a word is found.
pub fn check() -> Outcome<()> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        for file in files(&root().join(folder)) {
            let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
            found.extend(
                words_in(&text).into_iter().map(|(line, word)| format!("{}:{line}: {word}", file.display())),
            );
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the machine and its tools know nothing of what runs on them; found:\n  {}",
        found.join("\n  ")
    ))
}

/// Every file under `folder` that is read.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if !path.ends_with("target") {
                found.extend(files(&path));
            }
        } else if path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines that hold a word, from 1, and the word.
fn words_in(text: &str) -> Vec<(usize, String)> {
    let line_words = |(i, line): (usize, &str)| {
        let parts = parts(line);
        let hit = |word: &&[&str]| parts.windows(word.len()).any(|w| *w == **word);
        WORDS.iter().find(|word| hit(word)).map(|word| (i + 1, word.join(" ")))
    };
    text.lines().enumerate().filter_map(line_words).collect()
}

/// A line's words in lower case, CamelCase and snake_case taken apart.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut lower = false;
    for c in line.chars() {
        if !c.is_ascii_alphanumeric() || (lower && c.is_ascii_uppercase()) {
            parts.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.push(c.to_ascii_lowercase());
        }
        lower = c.is_ascii_lowercase();
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_found_however_they_are_written() {
        let rows = [
            "// ELI",
            "mode=eli-delivery",
            "let eli_mode = 1;",
            "struct ShadowIdt;",
            "SHADOW_IDT",
            "the shadow IDT",
        ];
        for row in rows.into_iter().chain(["exit-less", "struct EliMode;", "Exit less"]) {
            assert_eq!(words_in(row).len(), 1, "{row}");
        }
    }

    #[test]
    fn other_words_that_hold_them_are_not() {
        for row in
            ["delivery", "exitless", "reliable, eligible", "a shadow of the IDT", "believe", "exit; less"]
        {
            let expected = usize::from(row == "exit; less");
            assert_eq!(words_in(row).len(), expected, "{row}");
        }
    }

    #[test]
    fn the_place_is_told() {
        assert_eq!(words_in("a\nb eli\n"), [(2, "eli".to_string())]);
    }

    #[test]
    fn the_machine_knows_nothing_of_what_runs_on_it() {
        assert_eq!(check(), Ok(()));
    }
}
