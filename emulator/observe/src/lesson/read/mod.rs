//! A lesson from its text.

mod markdown;
mod place;
mod raw;
mod sense;
#[cfg(test)]
mod tests;

use lesson_data::{Lesson, Part, Step, Text};

use markdown::{Events, Piece};
use place::Toml;
pub use place::Wrong;

/// The words of fenced blocks that mean something.
const WORDS: [&str; 8] = ["scenario", "predict", "observe", "change", "check", "explain", "hint", "teacher"];
/// The words of fenced blocks that are code to look at.
const CODE: [&str; 4] = ["text", "asm", "rust", "c"];

/// Reads a lesson, or says where it is wrong and what was expected.
pub fn read(source: &str) -> Result<Lesson, Wrong> {
    let mut reader = Reader { source, ..Reader::default() };
    let mut events = Events::new(source, source, 0);
    while let Some(piece) = events.piece()? {
        reader.take(piece)?;
    }
    reader.finish()
}

#[derive(Default)]
struct Reader<'a> {
    source: &'a str,
    lesson: Lesson,
    front: Option<Toml<'a>>,
    scenario: Option<Toml<'a>>,
    check: Option<Toml<'a>>,
    teacher: Option<Toml<'a>>,
    predicts: Vec<Toml<'a>>,
    observes: Vec<Toml<'a>>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, piece: Piece) -> Result<(), Wrong> {
        match piece {
            Piece::Front(at) => self.front(self.toml("front matter", at)),
            Piece::Step(title) => {
                self.lesson.steps.push(Step { title, parts: Vec::new() });
                Ok(())
            }
            Piece::Block(block) => {
                match self.parts().last_mut() {
                    Some(Part::Text(text)) => text.push(block),
                    _ => self.parts().push(Part::Text(vec![block])),
                }
                Ok(())
            }
            Piece::Fence(word, at) => self.fence(&word, at),
        }
    }

    /// The parts of the step under way; what comes before the first heading is a step of its own.
    fn parts(&mut self) -> &mut Vec<Part> {
        if self.lesson.steps.is_empty() {
            self.lesson.steps.push(Step { title: self.lesson.title.clone(), parts: Vec::new() });
        }
        let last = self.lesson.steps.len() - 1;
        &mut self.lesson.steps[last].parts
    }

    fn toml(&self, word: &'static str, at: std::ops::Range<usize>) -> Toml<'a> {
        let text = self.source.get(at.clone()).unwrap_or("").to_string();
        Toml { source: self.source, text, start: at.start, word }
    }

    fn front(&mut self, toml: Toml<'a>) -> Result<(), Wrong> {
        let front: raw::Front = toml.read()?;
        let lesson = &mut self.lesson;
        (lesson.name, lesson.title, lesson.summary) = (front.name, front.title, front.summary);
        (lesson.number, lesson.lang, lesson.minutes) = (front.number, front.lang, front.minutes);
        (lesson.short_path, lesson.after) = (front.short_path, front.after);
        self.front = Some(toml);
        Ok(())
    }

    fn fence(&mut self, word: &str, at: std::ops::Range<usize>) -> Result<(), Wrong> {
        let Some(word) = WORDS.into_iter().find(|known| *known == word) else {
            if CODE.contains(&word) {
                let code = self.source.get(at).unwrap_or("").to_string();
                return self.take(Piece::Block(lesson_data::Block::Code(code)));
            }
            let text = format!(
                "unknown block `{word}`; expected one of {}, or code in {}",
                WORDS.join(", "),
                CODE.join(", ")
            );
            return Err(Wrong::at(self.source, at.start, text));
        };
        if self.front.is_none() {
            let text =
                format!("`{word}` before the front matter; expected the file to begin with a line of +++");
            return Err(Wrong::at(self.source, at.start, text));
        }
        let toml = self.toml(word, at);
        match word {
            "scenario" => {
                once(&self.scenario, &toml)?;
                self.lesson.stage = toml.read::<raw::Stage>()?.into();
                self.scenario = Some(toml);
            }
            "check" => {
                once(&self.check, &toml)?;
                self.lesson.goal = toml.read::<raw::Goal>()?.into();
                self.check = Some(toml);
                self.parts().push(Part::Check);
            }
            "teacher" => {
                once(&self.teacher, &toml)?;
                self.teacher(&toml)?;
                self.teacher = Some(toml);
            }
            "predict" => {
                let predict = toml.read::<raw::Predict>()?.into();
                self.parts().push(Part::Predict(predict));
                self.predicts.push(toml);
            }
            "observe" => {
                let raw::Observe { level, moments } = toml.read()?;
                self.parts().push(Part::Observe(lesson_data::Observe { level, moments }));
                self.observes.push(toml);
            }
            "change" => {
                let change = toml.read()?;
                self.parts().push(Part::Change(change));
            }
            "hint" => {
                let hint = inner(&toml)?;
                self.lesson.hints.push(hint);
            }
            _ => {
                let text = inner(&toml)?;
                self.parts().push(Part::Explain(text));
            }
        }
        Ok(())
    }

    fn teacher(&mut self, toml: &Toml<'a>) -> Result<(), Wrong> {
        let raw: raw::Teacher = toml.read()?;
        let solution = Events::new(&raw.solution, &raw.solution, 0).all();
        let wrong = |m: raw::Mistake| lesson_data::Wrong {
            misconception: m.misconception,
            answers: m.answers.into(),
        };
        self.lesson.teacher = lesson_data::Teacher {
            prerequisites: raw.prerequisites,
            outcome: raw.outcome,
            solution: solution.map_err(|e| toml.wrong("solution", e.text))?,
            discuss: raw.discuss,
            answers: raw.answers.into(),
            wrong: raw.wrong.into_iter().map(wrong).collect(),
        };
        Ok(())
    }

    fn finish(self) -> Result<Lesson, Wrong> {
        sense::check(&self)?;
        Ok(self.lesson)
    }
}

fn once(known: &Option<Toml<'_>>, toml: &Toml<'_>) -> Result<(), Wrong> {
    match known {
        None => Ok(()),
        Some(first) => {
            let line = Wrong::at(first.source, first.start, "").line;
            Err(toml
                .wrong_at(0, format!("a second `{}`; the first is at line {line}, expected one", toml.word)))
        }
    }
}

/// Markdown within a block.
fn inner(toml: &Toml<'_>) -> Result<Text, Wrong> {
    Events::new(toml.source, &toml.text, toml.start).all()
}
