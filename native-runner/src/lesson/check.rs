//! `exitless lesson check`: does a lesson's check find what it is there to find?

use std::path::{Path, PathBuf};

use observe::failure::{Failure, Outcome, failed};
use observe::lesson::{Answers, Conditions, Known, Lesson, Report, Verdict};

use super::Place;
use super::place::lesson;
use crate::stdout;

/// One way through a lesson, and what must become of it.
struct Claim<'a> {
    title: String,
    answers: Answers,
    starved: bool,
    expected: Expected<'a>,
}

enum Expected<'a> {
    Pass,
    Fail,
    /// Fail by a clause on progress.
    Stall,
    /// Fail by this misconception.
    Misconception(&'a str),
}

/// Holds lessons to what their teachers' notes claim.
pub fn claims(place: &Place, files: &[PathBuf], verbose: bool, json: bool) -> Outcome<()> {
    let mut broken = Vec::new();
    let mut all = Vec::new();
    for file in files {
        let lesson = lesson(file)?;
        println_unless(json, format_args!("{}: {}", file.display(), lesson.title));
        let (mut sentences, mut known) = (Vec::new(), Known::default());
        for claim in claimed(&lesson) {
            let conditions = Conditions { starved: claim.starved };
            let trial = place.trial_knowing(&lesson, &claim.answers, conditions, known)?;
            let verdict = trial.verdict();
            known = trial.into_known();
            let wrong = claim.broken(&lesson, &verdict, &sentences);
            println_unless(
                json,
                format_args!("  {:<44} {}", claim.title, wrong.as_deref().unwrap_or("as claimed")),
            );
            println_unless(json, format_args!("    “{}”", verdict.say));
            if verbose || wrong.is_some() {
                print_clauses(&verdict, json);
            }
            broken.extend(wrong.map(|w| format!("{}: {}: {w}", lesson.name, claim.title)));
            sentences.push((claim.starved, verdict.say.clone()));
            all.push(serde_json::json!({"lesson": lesson.name, "claim": claim.title, "verdict": verdict}));
        }
    }
    if json {
        stdout::json(&all)?;
    }
    if broken.is_empty() { Ok(()) } else { failed(broken.join("\n")) }
}

fn claimed(lesson: &Lesson) -> Vec<Claim<'_>> {
    let solution = || lesson.teacher.answers.clone();
    let first = [
        Claim {
            title: "the worked solution passes".into(),
            answers: solution(),
            starved: false,
            expected: Expected::Pass,
        },
        Claim {
            title: "the untouched start fails".into(),
            answers: Answers::default(),
            starved: false,
            expected: Expected::Fail,
        },
        Claim {
            title: "the solution without traffic fails".into(),
            answers: solution(),
            starved: true,
            expected: Expected::Stall,
        },
    ];
    let wrong = lesson.teacher.wrong.iter().map(|wrong| Claim {
        title: format!("`{}` fails", wrong.misconception),
        answers: wrong.answers.clone(),
        starved: false,
        expected: Expected::Misconception(&wrong.misconception),
    });
    first.into_iter().chain(wrong).collect()
}

impl Claim<'_> {
    /// What is not as claimed.
    fn broken(&self, lesson: &Lesson, verdict: &Verdict, before: &[(bool, String)]) -> Option<String> {
        let stalled =
            || lesson.goal.clauses.iter().zip(&verdict.clauses).any(|(c, f)| c.progress && !f.holds);
        let wrong = match self.expected {
            Expected::Pass if !verdict.passed => "DOES NOT PASS",
            Expected::Fail | Expected::Stall | Expected::Misconception(_) if verdict.passed => "PASSES",
            Expected::Stall if !stalled() => "FAILS, BUT NOT FOR WANT OF PROGRESS",
            Expected::Fail if stalled() => "FAILS FOR WANT OF PROGRESS, THOUGH THERE IS TRAFFIC",
            Expected::Misconception(name) if verdict.misconception.as_deref() != Some(name) => {
                return Some(format!("IS TAKEN FOR {:?}", verdict.misconception));
            }
            _ if verdict.say.is_empty() => "SAYS NOTHING",
            Expected::Stall | Expected::Misconception(_)
                if before.iter().any(|(_, said)| *said == verdict.say) =>
            {
                "HAS NO FEEDBACK OF ITS OWN"
            }
            _ => return None,
        };
        Some(wrong.to_string())
    }
}

/// Checks one student's answers.
pub fn answers(place: &Place, file: &Path, answers: &Path, verbose: bool, json: bool) -> Outcome<()> {
    let lesson = lesson(file)?;
    let (_, answers) = read(answers)?;
    let verdict = place.trial(&lesson, &answers, Conditions::default())?.verdict();
    if json {
        stdout::json(&verdict)?;
    } else {
        stdout::line(&format!("{}: {}", lesson.title, if verdict.passed { "passed" } else { "not yet" }))?;
        stdout::line(&verdict.say)?;
        if verbose {
            print_clauses(&verdict, false);
        }
    }
    if verdict.passed { Ok(()) } else { failed(format!("`{}` is not passed", lesson.name)) }
}

/// A report, or answers alone.
pub fn read(file: &Path) -> Outcome<(Option<Report>, Answers)> {
    let wrong = |e: &dyn std::fmt::Display| {
        Failure::Usage(format!("{}: {e}; expected a report or answers (JSON)", file.display()))
    };
    let text = std::fs::read_to_string(file).map_err(|e| wrong(&e))?;
    if let Ok(report) = serde_json::from_str::<Report>(&text) {
        return Ok((Some(report.clone()), report.answers));
    }
    Ok((None, serde_json::from_str(&text).map_err(|e| wrong(&e))?))
}

fn print_clauses(verdict: &Verdict, json: bool) {
    for clause in &verdict.clauses {
        let mark = if clause.holds { "+" } else { "-" };
        println_unless(json, format_args!("      {mark} {}: {}", clause.title, clause.shown.join("; ")));
    }
    for figure in &verdict.figures {
        let value = figure.value.map_or_else(|| "-".to_string(), |v| format!("{v:.3}"));
        println_unless(json, format_args!("      = {}: {value} {}", figure.label, figure.unit));
    }
    for (name, answer) in &verdict.predictions {
        println_unless(json, format_args!("      ? {name}: {answer}"));
    }
}

fn println_unless(json: bool, text: std::fmt::Arguments<'_>) {
    if !json {
        // Whoever has closed the pipe does not want the rest, and the verdict is the exit code.
        _ = stdout::line(&text.to_string());
    }
}
