//! Lessons: each read and checked here, so that the page needs no reader of them; and what plays them.

use observe::lesson::{Packed, fit::misfits, read::read};
use serde::Serialize;

use crate::files::{Files, Kind};
use crate::options::Options;
use crate::{Outcome, catalogue, read_text};

/// The player's scripts, in order.
const SCRIPTS: [&str; 8] = ["text", "words", "state", "check", "parts", "report", "lecture", "player"];

/// A lesson of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lesson {
    /// Its name in links.
    pub name: String,
    /// Its place in the course.
    pub number: u8,
    /// Its title.
    pub title: String,
    /// Its language.
    pub lang: String,
    /// Minutes that it takes.
    pub minutes: u16,
    /// Whether it belongs to the short path, one lecture.
    pub short: bool,
    /// Its file.
    pub file: String,
    /// The scenario that it starts with.
    pub scenario: String,
}

/// What plays lessons: scripts and styles. What reads and checks them is in the whole machine's module.
pub fn player(options: &Options, files: &mut Files) -> Outcome<()> {
    let folder = options.root.join("web/lesson");
    let mut scripts = String::new();
    for name in SCRIPTS {
        scripts += &read_text(&folder.join(format!("{name}.js")))?;
    }
    files.add("player.js", Kind::Lesson, scripts.into_bytes());
    files.add("player.css", Kind::Lesson, read_text(&folder.join("player.css"))?.into_bytes());
    Ok(())
}

/// Every lesson of the course, by its number.
pub fn collect(options: &Options, files: &mut Files) -> Outcome<Vec<Lesson>> {
    let folder = options.root.join("examples/lessons");
    let mut lessons = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let lesson = lesson(options, &read_text(&path)?, files);
            lessons.push(lesson.map_err(|e| format!("{}:{e}", path.display()))?);
        }
    }
    lessons.sort_by_key(|lesson| lesson.number);
    Ok(lessons)
}

fn lesson(options: &Options, text: &str, files: &mut Files) -> Outcome<Lesson> {
    let lesson = read(text).map_err(|wrong| wrong.to_string())?;
    let (_, _, bundle) = catalogue::bundle(options, &lesson.stage.scenario)?;
    if let Some(wrong) = misfits(&lesson, &bundle).first() {
        return Err(format!(" {wrong}"));
    }
    let listed = Lesson {
        file: format!("lessons/{}", lesson.name),
        name: lesson.name.clone(),
        number: lesson.number,
        title: lesson.title.clone(),
        lang: lesson.lang.clone(),
        minutes: lesson.minutes,
        short: lesson.short_path,
        scenario: lesson.stage.scenario.clone(),
    };
    let packed = serde_json::to_vec(&Packed::new(lesson, &bundle)).map_err(|e| e.to_string())?;
    files.add(&listed.file, Kind::Lesson, packed);
    Ok(listed)
}
