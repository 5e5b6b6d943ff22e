//! `exitless lesson`: lessons checked, graded, looked at, begun.

mod check;
mod grade;
mod place;
mod preview;
mod template;

use crate::cli::{LessonArgs, LessonCommand};
use observe::failure::{Failure, Outcome, failed};
use observe::lesson::fit::misfits;

pub use place::Place;

/// Does what was asked.
pub fn command(args: &LessonArgs) -> Outcome<()> {
    let place = Place { guests: args.guests.clone(), scenarios: args.scenarios.clone() };
    match &args.command {
        LessonCommand::Check { files, answers: None, verbose, json } => {
            check::claims(&place, files, *verbose, *json)
        }
        LessonCommand::Check { files, answers: Some(answers), verbose, json } => match files.as_slice() {
            [file] => check::answers(&place, file, answers, *verbose, *json),
            _ => Err(Failure::Usage("answers belong to one lesson; expected one FILE".to_string())),
        },
        LessonCommand::Grade { folder, lessons, csv } => {
            grade::grade(&place, folder, lessons.as_deref(), *csv)
        }
        LessonCommand::Lint { files } => files.iter().try_for_each(|file| lint(&place, file)),
        LessonCommand::Preview { file, watch } => preview::preview(file, *watch),
        LessonCommand::New { name } => template::new(name),
    }
}

fn lint(place: &Place, file: &std::path::Path) -> Outcome<()> {
    let lesson = place::lesson(file)?;
    let wrong = misfits(&lesson, &place.bundle(&lesson.stage.scenario)?);
    if !wrong.is_empty() {
        return failed(format!("{}: {}", file.display(), wrong.join("; ")));
    }
    let text = format!("{}: `{}` fits `{}`", file.display(), lesson.title, lesson.stage.scenario);
    crate::stdout::line(&text)
}
