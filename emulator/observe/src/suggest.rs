//! What someone may have meant who mistyped a name.

/// Edits that turn `a` into `b`: a character changed, added, left out, or two neighbours swapped.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (rows[i - 1][j - 1] + changed).min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// The known name that `name` was most likely meant to be.
pub fn closest<'a>(name: &str, known: &[impl AsRef<str> + 'a]) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let best = known.iter().map(|k| (distance(&name, &k.as_ref().to_ascii_lowercase()), k.as_ref())).min()?;
    let allowed = name.chars().count().max(best.1.chars().count()).div_ceil(3);
    (best.0 <= allowed).then(|| best.1.to_string())
}

/// `what` `name`; did you mean ...? expected one of ...
pub fn unknown(what: &str, name: &str, known: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
    let names = names.join(", ");
    match closest(name, known) {
        Some(close) => format!("{what} `{name}`; did you mean `{close}`? Expected one of {names}"),
        None => format!("{what} `{name}`; expected one of {names}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_forgiven_and_another_word_is_not() {
        let known = ["stream", "http", "request"];
        let meant = |name| closest(name, &known);
        assert_eq!(
            [meant("steram"), meant("htpp"), meant("Streams")].map(Option::unwrap),
            ["stream", "http", "stream"]
        );
        assert_eq!([meant("memcached"), meant("")], [None, None]);
    }

    #[test]
    fn the_sentence_names_what_was_meant_and_what_there_is() {
        let text = unknown("the scenario has no mode", "palin", &["plain", "under"]);
        assert_eq!(
            text,
            "the scenario has no mode `palin`; did you mean `plain`? Expected one of plain, under"
        );
        let text = unknown("the scenario has no mode", "over", &["plain"]);
        assert_eq!(text, "the scenario has no mode `over`; expected one of plain");
    }
}
