//! Command lines of `--name value` pairs.

use crate::shell::Outcome;

/// The pairs, in order; an unknown name or a missing value is an error.
pub fn pairs<'a>(args: &'a [String], known: &[&str]) -> Outcome<Vec<(&'a str, &'a str)>> {
    let mut rest = args.iter();
    let mut pairs = Vec::new();
    while let Some(name) = rest.next() {
        if !known.contains(&name.as_str()) {
            return Err(format!("unknown option `{name}`; expected {}", known.join(", ")));
        }
        let value = rest.next().ok_or(format!("{name}: expected a value after it"))?;
        pairs.push((name.as_str(), value.as_str()));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_string).collect()
    }

    #[test]
    fn pairs_come_in_order() {
        assert_eq!(pairs(&words("--a 1 --b 2"), &["--a", "--b"]).unwrap(), [("--a", "1"), ("--b", "2")]);
    }

    #[test]
    fn what_is_unknown_or_unfinished_is_told() {
        assert!(pairs(&words("--c 1"), &["--a"]).unwrap_err().contains("unknown option `--c`"));
        assert!(pairs(&words("--a"), &["--a"]).unwrap_err().contains("expected a value"));
    }
}
