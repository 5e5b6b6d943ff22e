//! What the site weighs, against what it may weigh.

use crate::files::{Files, Kind};

/// Kilobytes (1,000 bytes) that each part may weigh as it is sent.
const BUDGETS: [(Kind, &str, u64); 3] =
    [(Kind::Page, "page", 250), (Kind::Machine, "machine", 250), (Kind::Guest, "guests", 100)];
/// Kilobytes of everything until the first step.
const FIRST: u64 = 600;
/// Kilobytes of everything.
const ALL: u64 = 1500;

/// The files and sums; `index` is the HTML's size, which a server may send as it is.
pub fn table(files: &Files, index: usize) -> String {
    let mut text = format!("{:<28}{:>10}{:>10}\n", "file", "plain", "sent");
    text += &row("index.html", index, index);
    for (name, file) in files.iter() {
        text += &row(name, file.plain.len(), file.packed.len());
    }
    let mut all = 0;
    for (kind, name, budget) in BUDGETS {
        let mut sum = sum(files, kind);
        if kind == Kind::Page {
            sum += index as u64;
        }
        all += sum;
        text += &verdict(name, sum, budget);
    }
    let later = sum(files, Kind::Later) as f64 / 1000.0;
    text += &format!("{:<28}{later:>16.1} kB, when asked for\n", "the whole machine");
    text += &verdict("all until the first step", all + sum(files, Kind::Scenario), FIRST);
    let asked = sum(files, Kind::Later) + sum(files, Kind::Lesson);
    text + &verdict("all of the page", all + sum(files, Kind::Scenario) + asked, ALL)
}

fn sum(files: &Files, kind: Kind) -> u64 {
    files.iter().filter(|(_, file)| file.kind == kind).map(|(_, file)| file.packed.len() as u64).sum()
}

fn row(name: &str, plain: usize, sent: usize) -> String {
    format!("{name:<28}{plain:>10}{sent:>10}\n")
}

fn verdict(name: &str, bytes: u64, budget: u64) -> String {
    let word = if bytes <= budget * 1000 { "within" } else { "OVER" };
    format!("{name:<28}{:>16.1} kB, {word} {budget} kB\n", bytes as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_held_against_its_budget() {
        assert!(verdict("page", 250_000, 250).contains("within 250 kB"));
        assert!(verdict("page", 250_001, 250).contains("OVER 250 kB"));
    }
}
