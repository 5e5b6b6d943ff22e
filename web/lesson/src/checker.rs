//! One scenario with its images, and the checks that are made on it.

use lab_protocol::decode;
use observe::images::{Images, hex};
use observe::lesson::{Answers, Conditions, Known, Lesson, Packed, Trial, fit, read};
use observe::scenario::bundle::Bundle;
use wasm_bindgen::prelude::*;

/// One scenario with its images, and the checks that are made on it.
#[wasm_bindgen]
pub struct Checker {
    bundle: Bundle,
    images: Images,
    known: Known,
    trial: Option<Trial>,
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checker").field("checking", &self.trial.is_some()).finish_non_exhaustive()
    }
}

#[wasm_bindgen]
impl Checker {
    /// Of a scenario as the site packs it.
    #[wasm_bindgen(constructor)]
    pub fn new(scenario: &[u8]) -> Result<Checker, String> {
        let bundle: Bundle = decode(scenario).map_err(|_| "the scenario is of another build".to_string())?;
        bundle.check()?;
        Ok(Checker { bundle, images: Images::default(), known: Known::default(), trial: None })
    }

    /// Takes an image over, by the scenario's name for it.
    pub fn image(&mut self, name: &str, bytes: Vec<u8>) {
        self.images.insert(name, bytes);
    }

    /// The images that a lesson's machines boot (JSON both).
    pub fn needs(&self, lesson: &str) -> Result<String, String> {
        let lesson: Lesson = serde_json::from_str(lesson).map_err(|e| format!("the lesson: {e}"))?;
        let modes =
            self.bundle.modes.iter().filter(|m| lesson.goal.runs.iter().any(|run| run.mode == m.name));
        let mut names: Vec<&String> =
            modes.flat_map(|m| std::iter::once(&m.image).chain(&m.module)).collect();
        names.sort();
        names.dedup();
        json(&names)
    }

    /// A lesson from its text, as JSON with the knobs that it turns; or `line:column: what is wrong`.
    pub fn read(&self, text: &str) -> Result<String, String> {
        let lesson = read::read(text).map_err(|wrong| wrong.to_string())?;
        let misfits = fit::misfits(&lesson, &self.bundle);
        if !misfits.is_empty() {
            return Err(misfits.join("; "));
        }
        json(&Packed::new(lesson, &self.bundle))
    }

    /// Sets out to check answers (JSON both); `starved` leaves nobody at the other end of the wire.
    pub fn begin(&mut self, lesson: &str, answers: &str, starved: bool) -> Result<(), String> {
        let lesson: Lesson = serde_json::from_str(lesson).map_err(|e| format!("the lesson: {e}"))?;
        let answers: Answers = serde_json::from_str(answers).map_err(|e| format!("the answers: {e}"))?;
        let known = std::mem::take(&mut self.known);
        let (bundle, images) = (self.bundle.clone(), self.images.clone());
        let trial = Trial::new(bundle, images, lesson, answers, Conditions { starved }, known);
        self.trial = Some(trial.map_err(|e| e.to_string())?);
        Ok(())
    }

    /// Works for about so many instructions; how far it is out of 1,000, or 1,001 when it is done.
    pub fn work(&mut self, instructions: f64) -> Result<u16, String> {
        let Some(trial) = &mut self.trial else { return Ok(1_001) };
        let more = trial.work(instructions as u64).map_err(|e| e.to_string())?;
        Ok(if more { trial.permille() } else { 1_001 })
    }

    /// What was found, as JSON, with the hash of what everyone is given.
    pub fn verdict(&mut self) -> Result<String, String> {
        let trial = self.trial.take().ok_or("nothing was checked")?;
        let verdict = json(&trial.verdict())?;
        let scenario = hex(trial.fingerprint());
        self.known = trial.into_known();
        Ok(format!("{{\"scenario\":\"{scenario}\",\"verdict\":{verdict}}}"))
    }
}

/// The scenario that a lesson's text names, or `line:column: what is wrong`.
#[wasm_bindgen]
pub fn scenario(text: &str) -> Result<String, String> {
    read::read(text).map(|lesson| lesson.stage.scenario).map_err(|wrong| wrong.to_string())
}

fn json(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|e| e.to_string())
}
