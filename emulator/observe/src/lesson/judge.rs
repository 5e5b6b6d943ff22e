//! From what the runs showed to a verdict.

use lesson_data::{Answers, Found, Lesson, Measure, Part, Predict, Verdict};

use super::facts::Facts;
use super::quantities::{self, ANSWERS, CHOSEN, SWITCHES_OFF};
use crate::judge::Predicate;
use crate::scenario::knobs::Values;

/// All that a verdict rests on.
struct Evidence<'a> {
    answers: &'a Answers,
    knobs: &'a Values,
    switches_off: usize,
    facts: &'a [Facts],
}

impl Evidence<'_> {
    fn value(&self, name: &str) -> Option<f64> {
        let (run, quantity) = name.split_once('.')?;
        if run == ANSWERS {
            if quantity == SWITCHES_OFF {
                return Some(self.switches_off as f64);
            }
            let said = self.answers.predictions.iter().find(|(name, _)| name == quantity);
            return said.and_then(|(_, text)| text.trim().parse().ok());
        }
        if run == CHOSEN {
            let (knob, value) = quantity.split_once(':')?;
            return Some(f64::from(u8::from(self.knobs.get(knob).is_some_and(|v| v == value))));
        }
        quantities::value(self.facts.iter().find(|f| f.name == run)?, quantity)
    }

    /// Each predicate's value; one that cannot be read holds nothing.
    fn judge<'b>(&'b self, texts: &'b [String]) -> impl Iterator<Item = (bool, String)> + 'b {
        texts.iter().map(|text| match Predicate::try_from(text.clone()) {
            Ok(predicate) => {
                let verdict = predicate.judge(|name| self.value(name));
                (verdict.holds, verdict.to_string())
            }
            Err(why) => (false, why),
        })
    }

    fn all(&self, texts: &[String]) -> bool {
        self.judge(texts).all(|(holds, _)| holds)
    }
}

/// Comes to a verdict.
///
/// Progress comes first: where nothing was done, nothing else says anything. Then the misconceptions, then
/// the clauses in their order.
pub fn judge(
    lesson: &Lesson,
    answers: &Answers,
    knobs: &Values,
    switches_off: usize,
    facts: &[Facts],
) -> Verdict {
    let evidence = Evidence { answers, knobs, switches_off, facts };
    let goal = &lesson.goal;
    let found = |clause: &lesson_data::Clause| {
        let judged: Vec<_> = evidence.judge(&clause.require).collect();
        Found {
            title: clause.title.clone(),
            holds: judged.iter().all(|(holds, _)| *holds),
            shown: judged.into_iter().map(|(_, text)| text).collect(),
            say: clause.say.clone(),
        }
    };
    let clauses: Vec<Found> = goal.clauses.iter().map(found).collect();
    let passed = !clauses.is_empty() && clauses.iter().all(|c| c.holds);
    let stalled = goal.clauses.iter().zip(&clauses).find(|(c, f)| c.progress && !f.holds).map(|(_, f)| f);
    let misconception =
        goal.misconceptions.iter().find(|m| !passed && stalled.is_none() && evidence.all(&m.when));
    let broken = || clauses.iter().find(|c| !c.holds);
    let say = match (passed, stalled, misconception) {
        (true, ..) => goal.praise.clone(),
        (_, Some(stalled), _) => stalled.say.clone(),
        (_, None, Some(wrong)) => wrong.say.clone(),
        (_, None, None) => broken().map(|c| c.say.clone()).unwrap_or_default(),
    };
    let figure = |f: &lesson_data::Figure| Measure {
        name: f.name.clone(),
        label: f.label.clone(),
        value: evidence.value(&f.value).filter(|v| v.is_finite()),
        unit: f.unit.clone(),
    };
    let misconception = misconception.map(|m| m.name.clone());
    let figures = goal.figures.iter().map(figure).collect();
    let predictions = asked(lesson).filter_map(|p| Some((p.name.clone(), truth(&evidence, p)?))).collect();
    Verdict { passed, clauses, misconception, say, figures, predictions, ..Verdict::default() }
}

/// Every question of a lesson.
pub fn asked(lesson: &Lesson) -> impl Iterator<Item = &Predict> {
    let parts = lesson.steps.iter().flat_map(|s| &s.parts);
    parts.filter_map(|part| if let Part::Predict(predict) = part { Some(predict) } else { None })
}

/// The answer that the runs give.
fn truth(evidence: &Evidence<'_>, predict: &Predict) -> Option<String> {
    if predict.ways.is_empty() {
        return evidence.value(&predict.about).filter(|v| v.is_finite()).map(|v| format!("{v:.3}"));
    }
    let way = predict.ways.iter().find(|way| !way.holds.is_empty() && evidence.all(&way.holds))?;
    Some(way.text.clone())
}
