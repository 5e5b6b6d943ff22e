//! What the blocks' types cannot see: names that refer to each other, and what no lesson goes without.

use lesson_data::{Block, Part, Span, Text};

use super::Reader;
use super::place::{Toml, Wrong};
use crate::judge::Predicate;
use crate::lesson::quantities;
use crate::lives::Anchor;

type Result = std::result::Result<(), Wrong>;

/// Hints of a lesson.
const HINTS: usize = 3;
/// How much a page can show.
const LEVELS: [&str; 4] = ["", "story", "explain", "inspect"];

pub(super) fn check(reader: &Reader<'_>) -> Result {
    let front = there(reader, &reader.front, "front matter between two lines of +++")?;
    let scenario = there(reader, &reader.scenario, "a block `scenario`")?;
    let goal = there(reader, &reader.check, "a block `check`")?;
    let teacher = there(reader, &reader.teacher, "a block `teacher`")?;
    let lesson = &reader.lesson;
    level(scenario, &lesson.stage.level)?;
    anchor(scenario, &lesson.stage.at)?;
    runs(reader, goal)?;
    clauses(reader, goal)?;
    predictions(reader)?;
    observations(reader)?;
    answers(reader, teacher)?;
    figures(reader, goal)?;
    if lesson.hints.len() != HINTS {
        let text = format!("{} blocks `hint`; expected {HINTS}, the gentlest first", lesson.hints.len());
        return Err(front.wrong_at(0, text));
    }
    let kinds: [(&str, Is); 3] = [
        ("predict", |p| matches!(p, Part::Predict(_))),
        ("observe", |p| matches!(p, Part::Observe(_))),
        ("explain", |p| matches!(p, Part::Explain(_))),
    ];
    for (word, is) in kinds {
        if !lesson.steps.iter().flat_map(|s| &s.parts).any(is) {
            return Err(front.wrong_at(0, format!("no block `{word}`; expected at least one")));
        }
    }
    Ok(())
}

/// Whether a part is of some kind.
type Is = fn(&Part) -> bool;

fn there<'r, 'a>(
    reader: &Reader<'a>,
    block: &'r Option<Toml<'a>>,
    what: &str,
) -> std::result::Result<&'r Toml<'a>, Wrong> {
    block
        .as_ref()
        .ok_or_else(|| Wrong::at(reader.source, reader.source.len(), format!("the end; expected {what}")))
}

fn level(toml: &Toml<'_>, level: &str) -> Result {
    match LEVELS.contains(&level) {
        true => Ok(()),
        false => {
            Err(toml.wrong(level, format!("there is no level {level:?}; expected story, explain or inspect")))
        }
    }
}

fn anchor(toml: &Toml<'_>, at: &str) -> Result {
    if at.is_empty() {
        return Ok(());
    }
    at.parse::<Anchor>().map(|_| ()).map_err(|e| toml.wrong(at, e.to_string()))
}

fn runs(reader: &Reader<'_>, goal: &Toml<'_>) -> Result {
    let lesson = &reader.lesson;
    if lesson.goal.runs.is_empty() {
        return Err(goal.wrong_at(0, "`check` runs nothing; expected at least one [[run]]"));
    }
    for (i, run) in lesson.goal.runs.iter().enumerate() {
        if lesson.goal.runs[..i].iter().any(|r| r.name == run.name) {
            return Err(goal
                .wrong(&run.name, format!("the run `{}` occurs twice; expected each name once", run.name)));
        }
        if [quantities::ANSWERS, quantities::CHOSEN].contains(&run.name.as_str()) || run.name.contains('.') {
            return Err(goal.wrong(&run.name, format!("a run cannot be called `{}`", run.name)));
        }
        let (from, to) = run.window.unwrap_or(lesson.goal.window);
        if from >= to {
            return Err(goal.wrong("window", "the window ends before it begins"));
        }
    }
    Ok(())
}

/// Reads a predicate, and knows its quantities.
fn predicate(reader: &Reader<'_>, toml: &Toml<'_>, text: &str) -> Result {
    let predicate = Predicate::try_from(text.to_string()).map_err(|e| toml.wrong(text, e))?;
    for name in predicate.names() {
        quantity(reader, toml, text, name)?;
    }
    Ok(())
}

fn quantity(reader: &Reader<'_>, toml: &Toml<'_>, place: &str, name: &str) -> Result {
    let runs = || reader.lesson.goal.runs.iter().map(|r| r.name.as_str());
    let Some((run, quantity)) = name.split_once('.') else {
        let text = format!(
            "`{name}` names no run; expected RUN.QUANTITY, RUN one of {}",
            runs().collect::<Vec<_>>().join(", ")
        );
        return Err(toml.wrong(place, text));
    };
    if run == quantities::ANSWERS {
        let asked = reader.lesson.steps.iter().flat_map(|s| &s.parts);
        let mut asked =
            asked.filter_map(|p| if let Part::Predict(p) = p { Some(p.name.as_str()) } else { None });
        return match quantity == quantities::SWITCHES_OFF || asked.any(|name| name == quantity) {
            true => Ok(()),
            false => Err(toml.wrong(place, format!("nobody is asked for `{quantity}`"))),
        };
    }
    if run == quantities::CHOSEN {
        return match quantity.contains(':') {
            true => Ok(()),
            false => Err(toml.wrong(place, format!("`{name}` names no choice; expected chosen.KNOB:VALUE"))),
        };
    }
    if !runs().any(|known| known == run) {
        let text =
            format!("there is no run `{run}`; expected one of {}", runs().collect::<Vec<_>>().join(", "));
        return Err(toml.wrong(place, text));
    }
    quantities::check_name(quantity).map_err(|e| toml.wrong(place, e))
}

fn clauses(reader: &Reader<'_>, goal: &Toml<'_>) -> Result {
    let own = &reader.lesson.goal;
    if !own.clauses.iter().any(|c| c.progress) {
        return Err(goal.wrong_at(0, "`check` has no clause with `progress = true`; expected one: a machine that does nothing must pass nothing"));
    }
    for clause in &own.clauses {
        if clause.require.is_empty() {
            return Err(goal.wrong(&clause.title, format!("the clause {:?} requires nothing", clause.title)));
        }
        clause.require.iter().try_for_each(|text| predicate(reader, goal, text))?;
    }
    for wrong in &own.misconceptions {
        wrong.when.iter().try_for_each(|text| predicate(reader, goal, text))?;
        if own.misconceptions.iter().filter(|m| m.say == wrong.say).count() > 1
            || own.clauses.iter().any(|c| c.say == wrong.say)
        {
            return Err(goal.wrong(
                &wrong.name,
                format!("the misconception `{}` has no sentence of its own", wrong.name),
            ));
        }
    }
    own.figures.iter().try_for_each(|figure| quantity(reader, goal, &figure.value, &figure.value))
}

fn predictions(reader: &Reader<'_>) -> Result {
    let asked = reader.lesson.steps.iter().flat_map(|s| &s.parts);
    let asked = asked.filter_map(|p| if let Part::Predict(p) = p { Some(p) } else { None });
    for (predict, toml) in asked.zip(&reader.predicts) {
        if predict.ways.is_empty() == predict.about.is_empty() {
            let text = format!(
                "`{}` has neither or both; expected either [[way]]s to choose from or a number `about` a quantity",
                predict.name
            );
            return Err(toml.wrong_at(0, text));
        }
        if !predict.about.is_empty() {
            quantity(reader, toml, &predict.about, &predict.about)?;
        }
        for way in &predict.ways {
            way.holds.iter().try_for_each(|text| predicate(reader, toml, text))?;
        }
    }
    Ok(())
}

fn observations(reader: &Reader<'_>) -> Result {
    let seen = reader.lesson.steps.iter().flat_map(|s| &s.parts);
    let seen = seen.filter_map(|p| if let Part::Observe(o) = p { Some(o) } else { None });
    for (observe, toml) in seen.zip(&reader.observes) {
        level(toml, &observe.level)?;
        observe.moments.iter().try_for_each(|moment| anchor(toml, &moment.at))?;
    }
    Ok(())
}

fn answers(reader: &Reader<'_>, teacher: &Toml<'_>) -> Result {
    let lesson = &reader.lesson;
    let all = std::iter::once(&lesson.teacher.answers).chain(lesson.teacher.wrong.iter().map(|w| &w.answers));
    for (_, at) in all.flat_map(|a| &a.selections) {
        anchor(teacher, at)?;
    }
    for wrong in &lesson.teacher.wrong {
        let name = &wrong.misconception;
        if !lesson.goal.misconceptions.iter().any(|m| m.name == *name) {
            return Err(teacher.wrong(name, format!("`check` has no misconception `{name}`")));
        }
    }
    for known in &lesson.goal.misconceptions {
        if !lesson.teacher.wrong.iter().any(|w| w.misconception == known.name) {
            let text = format!(
                "no [[wrong]] shows the misconception `{}`; expected what someone does who has it",
                known.name
            );
            return Err(teacher.wrong_at(0, text));
        }
    }
    if lesson.goal.misconceptions.is_empty() {
        return Err(teacher.wrong_at(
            0,
            "no misconception has a name; expected at least one in `check`, with its [[wrong]] here",
        ));
    }
    Ok(())
}

fn figures(reader: &Reader<'_>, goal: &Toml<'_>) -> Result {
    let lesson = &reader.lesson;
    let mut names = Vec::new();
    for part in lesson.steps.iter().flat_map(|s| &s.parts) {
        if let Part::Text(text) | Part::Explain(text) = part {
            gather(text, &mut names);
        }
    }
    lesson.hints.iter().for_each(|hint| gather(hint, &mut names));
    gather(&lesson.teacher.solution, &mut names);
    match names.iter().find(|name| !lesson.goal.figures.iter().any(|f| f.name == **name)) {
        None => Ok(()),
        Some(name) => {
            let at = reader.source.find(&format!("{{{name}}}")).unwrap_or(goal.start);
            Err(Wrong::at(reader.source, at, format!("`check` has no [[figure]] `{name}`")))
        }
    }
}

fn gather(text: &Text, names: &mut Vec<String>) {
    let spans = |spans: &[Span], names: &mut Vec<String>| {
        names.extend(
            spans.iter().filter_map(|s| if let Span::Figure(name) = s { Some(name.clone()) } else { None }),
        );
    };
    for block in text {
        match block {
            Block::Paragraph(line) | Block::Heading(line) => spans(line, names),
            Block::List(_, items) => items.iter().for_each(|item| gather(item, names)),
            Block::Quote(inner) => gather(inner, names),
            Block::Table(head, rows) => {
                head.iter().chain(rows.iter().flatten()).for_each(|cell| spans(cell, names))
            }
            Block::Code(_) => {}
        }
    }
}
