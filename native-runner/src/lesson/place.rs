//! Where lessons, their scenarios and images are found.

use std::path::{Path, PathBuf};

use observe::failure::{Failure, Outcome};
use observe::images::Images;
use observe::lesson::{Answers, Conditions, Known, Lesson, Trial, read};
use observe::scenario::bundle::Bundle;
use observe::scenario::lab::Lab;

use crate::{files, interrupt};

/// Where scenarios and images are.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Folder of the guests' images.
    pub guests: Option<PathBuf>,
    /// Folder of the scenarios.
    pub scenarios: Option<PathBuf>,
}

/// Instructions between two looks at a trial.
const PIECE: u64 = 10_000_000;

impl Place {
    /// The Lab's scenario of that name, with the comparison that it names.
    pub fn bundle(&self, name: &str) -> Outcome<Bundle> {
        let lab: Lab = files::scenario(&self.scenario(name)?)?;
        let comparison = files::scenario(&self.scenario(&lab.comparison)?)?;
        Bundle::new(lab, &comparison).map_err(|e| Failure::Usage(format!("scenario `{name}`: {e}")))
    }

    fn scenario(&self, name: &str) -> Outcome<PathBuf> {
        let file = format!("{name}.toml");
        files::scenario_path(self.scenarios.as_ref().map(|dir| dir.join(&file)).as_deref(), &file)
    }

    /// The images that a lesson's runs boot.
    pub fn images(&self, lesson: &Lesson, bundle: &Bundle) -> Outcome<Images> {
        let modes = bundle.modes.iter().filter(|m| lesson.goal.runs.iter().any(|r| r.mode == m.name));
        let names = modes.flat_map(|m| std::iter::once(m.image.as_str()).chain(m.module.as_deref()));
        files::images(self.guests.as_deref(), names)
    }

    /// A trial of these answers, run to its end.
    pub fn trial(&self, lesson: &Lesson, answers: &Answers, conditions: Conditions) -> Outcome<Trial> {
        self.trial_knowing(lesson, answers, conditions, Known::default())
    }

    /// The same; runs of this lesson's scenario that are known are not made again.
    pub fn trial_knowing(
        &self,
        lesson: &Lesson,
        answers: &Answers,
        conditions: Conditions,
        known: Known,
    ) -> Outcome<Trial> {
        let bundle = self.bundle(&lesson.stage.scenario)?;
        let images = self.images(lesson, &bundle)?;
        let mut trial = Trial::new(bundle, images, lesson.clone(), answers.clone(), conditions, known)?;
        while trial.work(PIECE)? {
            if interrupt::requested() {
                return Err(Failure::Interrupted(format!("{}: interrupted", lesson.name)));
            }
        }
        Ok(trial)
    }
}

/// Reads a lesson.
pub fn lesson(file: &Path) -> Outcome<Lesson> {
    let text = std::fs::read_to_string(file)
        .map_err(|e| Failure::Usage(format!("{}: {e}; expected a lesson (Markdown)", file.display())))?;
    read::read(&text).map_err(|e| Failure::Failed(format!("{}:{e}", file.display())))
}
