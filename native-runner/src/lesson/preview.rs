//! `exitless lesson preview`: a lesson as text.

use std::path::Path;
use std::time::Duration;

use observe::failure::Outcome;
use observe::lesson::{Block, Lesson, Part, Span, Text};

use super::place;
use crate::{interrupt, stdout};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// Shows a lesson; with `watch` again whenever it changes, mistakes included.
pub fn preview(file: &Path, watch: bool) -> Outcome<()> {
    if !watch {
        return stdout::print(&render(&place::lesson(file)?));
    }
    let mut shown = None;
    loop {
        let text = std::fs::read(file).ok();
        if text != shown {
            match place::lesson(file) {
                Ok(lesson) => stdout::line(&format!("\x1b[2J\x1b[H{}", render(&lesson)))?,
                Err(why) => stdout::line(&why.to_string())?,
            }
            shown = text;
        }
        if interrupt::requested() {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
}

/// A lesson as text.
pub fn render(lesson: &Lesson) -> String {
    let mut out =
        format!("{}. {}\n{}\n{} minutes\n", lesson.number, lesson.title, lesson.summary, lesson.minutes);
    for step in &lesson.steps {
        out += &format!("\n== {} ==\n", step.title);
        step.parts.iter().for_each(|p| part(&mut out, lesson, p));
    }
    for (n, hint) in lesson.hints.iter().enumerate() {
        out += &format!("\n-- Hint {} --\n", n + 1);
        blocks(&mut out, hint, 0);
    }
    let teacher = &lesson.teacher;
    out +=
        &format!("\n-- For the teacher --\nBefore: {}\nAfter: {}\n", teacher.prerequisites, teacher.outcome);
    blocks(&mut out, &teacher.solution, 0);
    out + &format!("To discuss: {}\n", teacher.discuss)
}

fn part(out: &mut String, lesson: &Lesson, part: &Part) {
    match part {
        Part::Text(text) => blocks(out, text, 0),
        Part::Predict(predict) => {
            *out += &format!("\n? {}\n", predict.ask);
            predict.ways.iter().for_each(|way| *out += &format!("  ( ) {}\n", way.text));
            if predict.ways.is_empty() {
                *out += &format!("  [____] {}\n", predict.unit);
            }
        }
        Part::Observe(observe) => {
            for moment in &observe.moments {
                *out += &format!("  [{}] ({}) {}\n", moment.label, moment.at, moment.notice);
            }
        }
        Part::Change(change) => {
            change.knobs.iter().for_each(|knob| *out += &format!("  [turn {knob}]\n"));
            if change.select {
                *out += "  [select moments]\n";
            }
        }
        Part::Check => {
            *out += &format!("\n! {}\n", lesson.goal.task);
            lesson
                .goal
                .clauses
                .iter()
                .for_each(|c| *out += &format!("  - {}: {}\n", c.title, c.require.join("; ")));
        }
        Part::Explain(text) => {
            *out += "\n(once it has passed)\n";
            blocks(out, text, 0);
        }
    }
}

fn blocks(out: &mut String, text: &Text, depth: usize) {
    let margin = " ".repeat(depth);
    for block in text {
        match block {
            Block::Paragraph(line) | Block::Heading(line) => *out += &format!("{margin}{}\n\n", spans(line)),
            Block::List(numbered, items) => {
                for (n, item) in items.iter().enumerate() {
                    *out += &if *numbered { format!("{margin}{}.\n", n + 1) } else { format!("{margin}-\n") };
                    blocks(out, item, depth + 3);
                }
            }
            Block::Code(code) => code.lines().for_each(|line| *out += &format!("{margin}    {line}\n")),
            Block::Quote(inner) => blocks(out, inner, depth + 2),
            Block::Table(head, rows) => {
                let row =
                    |cells: &[Vec<Span>]| cells.iter().map(|c| spans(c)).collect::<Vec<_>>().join(" | ");
                *out += &format!("{margin}{}\n", row(head));
                rows.iter().for_each(|r| *out += &format!("{margin}{}\n", row(r)));
            }
        }
    }
}

fn spans(line: &[Span]) -> String {
    let one = |span: &Span| match span {
        Span::Words(w) | Span::Emphasis(w) | Span::Strong(w) | Span::Code(w) => w.clone(),
        Span::Link(words, to) => format!("{words} <{to}>"),
        Span::Figure(name) => format!("{{{name}}}"),
    };
    line.iter().map(one).collect()
}
