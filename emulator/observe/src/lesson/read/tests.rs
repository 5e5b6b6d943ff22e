//! What a lesson may not say, and where one is told so.

use super::*;

const LESSON: &str = include_str!("../../../../../examples/lesson-template.md");

/// Where and what for the template with `from` replaced by `to`.
fn wrong(from: &str, to: &str) -> Wrong {
    assert!(LESSON.contains(from), "{from}");
    match read(&LESSON.replacen(from, to, 1)) {
        Err(wrong) => wrong,
        Ok(_) => panic!("{to:?} is taken"),
    }
}

/// The line on which `what` stands in the template.
fn line(what: &str) -> usize {
    LESSON.lines().position(|l| l.contains(what)).map_or(0, |n| n + 1)
}

#[test]
fn the_template_is_a_lesson() {
    let lesson = read(LESSON).unwrap();
    assert_eq!((lesson.name.as_str(), lesson.steps.len(), lesson.hints.len()), ("my-lesson", 4, 3));
    assert_eq!(lesson.goal.window, (20_000_000_000, 30_000_000_000));
    let Some(Part::Explain(text)) = lesson.steps[3].parts.last() else { panic!("{:?}", lesson.steps[3]) };
    assert!(format!("{text:?}").contains("Figure(\"rate\")"), "{text:?}");
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_column() {
    let rows = [
        ("minutes = 10", "minuets = 10", line("minutes = 10"), 1, "`minutes`"),
        (
            "level = \"story\"",
            "level = \"novel\"",
            line("level = \"story\""),
            10,
            "story, explain or inspect",
        ),
        ("at = \"nic:105/exit.1\"", "at = \"nik:105\"", line("at = \"nic:105/exit.1\""), 7, "nic"),
        (
            "left.exits_per_second < 30_000",
            "left.exits_per_second = 3",
            line("exits_per_second < 30_000"),
            13,
            "compares nothing",
        ),
        (
            "left.exits_per_second < 30_000",
            "left.exitz < 3",
            line("exits_per_second < 30_000"),
            13,
            "unknown quantity `exitz`",
        ),
        (
            "left.exits_per_second < 30_000",
            "right.exits < 3",
            line("exits_per_second < 30_000"),
            13,
            "no run `right`",
        ),
        ("mode = \"baseline\"\nside", "mood = \"baseline\"\nside", line("mode = \"baseline\""), 1, "`mood`"),
    ];
    for (from, to, line, column, expected) in rows {
        let wrong = wrong(from, to);
        assert_eq!((wrong.line, wrong.column), (line, column), "{to}: {wrong}");
        assert!(wrong.text.contains(expected), "{to}: {wrong}");
    }
}

#[test]
fn no_lesson_goes_without_what_every_lesson_has() {
    let rows = [
        ("progress = true", "progress = false", "progress = true"),
        ("```hint\nA gentle hint.\n```", "", "2 blocks `hint`; expected 3"),
        ("```predict", "```predcit", "unknown block `predcit`"),
        ("```teacher", "```text", "a block `teacher`"),
        ("```explain", "```text", "no block `explain`"),
        ("misconception = \"more-interrupts\"", "misconception = \"fewer\"", "no misconception `fewer`"),
        ("Now there were {rate}", "Now there were {rates}", "no [[figure]] `rates`"),
        ("+++\n\nA sentence", "\n\nA sentence", ""),
        ("## Predict", "# Predict", "first level"),
        ("A gentle hint.", "![A picture](x.png)", "does not know this kind"),
        (
            "say = \"Without moderation there are more interrupts, and each of them exits.\"",
            "say = \"There are still too many exits.\"",
            "no sentence of its own",
        ),
    ];
    for (from, to, expected) in rows {
        let wrong = wrong(from, to);
        assert!(wrong.text.contains(expected) && wrong.line >= 1, "{to}: {wrong}");
    }
}

#[test]
fn no_text_makes_the_reader_panic() {
    for end in (0..LESSON.len()).filter(|end| LESSON.is_char_boundary(*end)) {
        _ = read(&LESSON[..end]);
        _ = read(&LESSON[end..]);
    }
}
