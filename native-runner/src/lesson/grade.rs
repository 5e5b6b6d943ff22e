//! `exitless lesson grade`: every report of a folder, run again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use observe::failure::{Failure, Outcome, usage};
use observe::images::hex;
use observe::lesson::{Conditions, Lesson};

use super::{Place, check, place};
use crate::stdout;
use crate::table::Table;

/// Runs every report of `folder` again, and prints what came of each.
pub fn grade(place: &Place, folder: &Path, lessons: Option<&Path>, csv: bool) -> Outcome<()> {
    let known = lessons_in(lessons)?;
    let reports = list(folder, "json")?;
    if reports.is_empty() {
        return usage(format!("{}: no report; expected files that end in .json", folder.display()));
    }
    let head = ["file", "name", "lesson", "passed", "claimed", "same_scenario", "remark"];
    let mut rows = Vec::new();
    for file in reports {
        rows.push(row(place, &known, &file));
    }
    if csv {
        let line = |row: &[String; 7]| row.iter().map(|c| field(c)).collect::<Vec<_>>().join(",") + "\n";
        stdout::print(&(head.join(",") + "\n" + &rows.iter().map(line).collect::<String>()))
    } else {
        let mut table = Table::new(head);
        rows.iter().for_each(|row| table.row(row.iter().map(String::as_str)));
        stdout::line(&table.to_string())
    }
}

fn row(place: &Place, known: &BTreeMap<String, Lesson>, file: &Path) -> [String; 7] {
    let shown = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let remark = |text: String| [shown.clone(), "".into(), "".into(), "".into(), "".into(), "".into(), text];
    let report = match check::read(file) {
        Ok((Some(report), _)) => report,
        Ok((None, _)) => return remark("answers without a report".to_string()),
        Err(why) => return remark(why.to_string()),
    };
    let word = |yes: bool| if yes { "yes" } else { "no" }.to_string();
    let mut row = [
        shown.clone(),
        report.name.clone(),
        report.lesson.clone(),
        "".into(),
        word(report.passed),
        "".into(),
        "".into(),
    ];
    let Some(lesson) = known.get(&report.lesson) else {
        row[6] = "no lesson of that name".to_string();
        return row;
    };
    match place.trial(lesson, &report.answers, Conditions::default()) {
        Ok(trial) => {
            let verdict = trial.verdict();
            row[3] = word(verdict.passed);
            row[5] = word(report.scenario == hex(trial.fingerprint()));
            row[6] = verdict.say;
        }
        Err(why) => row[6] = why.to_string(),
    }
    row
}

/// A field of comma-separated values (RFC 4180). A text that a spreadsheet would take for a formula is quoted
/// as words.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_string() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn lessons_in(folder: Option<&Path>) -> Outcome<BTreeMap<String, Lesson>> {
    let folder = match folder {
        Some(folder) => folder.to_path_buf(),
        None => crate::files::folder("examples/lessons")?,
    };
    let mut known = BTreeMap::new();
    for file in list(&folder, "md")? {
        let lesson = place::lesson(&file)?;
        known.insert(lesson.name.clone(), lesson);
    }
    Ok(known)
}

fn list(folder: &Path, ending: &str) -> Outcome<Vec<PathBuf>> {
    let wrong = |e: std::io::Error| Failure::Usage(format!("{}: {e}; expected a folder", folder.display()));
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(wrong)?
        .filter_map(|entry| entry.ok().map(|e| e.path()))
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_is_never_a_formula() {
        assert_eq!(field("plain"), "plain");
        assert_eq!(field("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(field("=1+1"), "'=1+1");
    }
}
