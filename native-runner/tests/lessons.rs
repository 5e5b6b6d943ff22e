//! Every lesson of the course, held to what its teacher's note claims, by the command that teachers use; and
//! reports that are run again.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn lesson(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.current_dir(root()).arg("lesson").args(arguments).output().expect("exitless starts")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

fn lessons() -> Vec<String> {
    let folder = std::fs::read_dir(root().join("examples/lessons")).expect("the lessons");
    let mut files: Vec<_> = folder.filter_map(|e| e.ok()?.path().to_str().map(String::from)).collect();
    files.retain(|f| f.ends_with(".md"));
    files.sort();
    files
}

/// Whether the images are there; with `EXITLESS_REQUIRE_ALL=1` they must be.
fn images_are_built() -> bool {
    let built =
        root().join("target/guests/netguest").exists() || std::env::var_os("EXITLESS_GUESTS").is_some();
    if !built {
        assert_ne!(
            std::env::var("EXITLESS_REQUIRE_ALL").as_deref(),
            Ok("1"),
            "build with `cargo xtask guests`"
        );
        eprintln!("SKIPPED: no guest images; build them with `cargo xtask guests`");
    }
    built
}

#[test]
fn every_lesson_fits_its_scenario_and_can_be_read() {
    let files = lessons();
    let mut arguments = vec!["lint"];
    arguments.extend(files.iter().map(String::as_str));
    let output = lesson(&arguments);
    assert!(output.status.success(), "{:?}", said(&output));
    for file in &files {
        let output = lesson(&["preview", file]);
        assert!(output.status.success() && said(&output).0.contains("Hint 3"), "{file}");
    }
}

#[test]
fn every_lesson_finds_what_its_teachers_note_claims() {
    if !images_are_built() {
        return;
    }
    let files = lessons();
    assert!(!files.is_empty());
    let mut arguments = vec!["check"];
    arguments.extend(files.iter().map(String::as_str));
    let output = lesson(&arguments);
    let (out, errors) = said(&output);
    assert!(output.status.success(), "{out}\n{errors}");
}

#[test]
fn a_report_is_run_again_to_the_same_verdict() {
    if !images_are_built() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("exitless-reports-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for reports");
    let select = |events: &[(u8, &str)]| json!({"selections": events});
    let done = select(&[(0, "nic:105/exit.1"), (0, "nic:105/exit.2"), (1, "nic:105/eoi")]);
    let half = select(&[(0, "nic:105/exit.1")]);
    for (name, answers) in [("done", done), ("half", half)] {
        let report = json!({"schema": 1, "lesson": "follow-one-interrupt", "build": "b", "scenario": "s",
            "name": name, "answers": answers, "passed": true});
        std::fs::write(folder.join(format!("{name}.json")), report.to_string()).expect("a report");
    }
    std::fs::write(folder.join("broken.json"), "{").expect("a broken report");
    let output = lesson(&["grade", folder.to_str().expect("a path"), "--csv"]);
    let one = lesson(&[
        "check",
        "examples/lessons/01-follow-one-interrupt.md",
        "--json",
        "--answers",
        folder.join("half.json").to_str().expect("a path"),
    ]);
    _ = std::fs::remove_dir_all(&folder);
    let (out, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    let row = |name: &str| out.lines().find(|l| l.starts_with(name)).unwrap_or_default().to_string();
    assert!(row("done.json").starts_with("done.json,done,follow-one-interrupt,yes,yes,"), "{out}");
    assert!(row("half.json").starts_with("half.json,half,follow-one-interrupt,no,yes,"), "{out}");
    assert!(row("broken.json").contains("expected a report"), "{out}");
    let verdict: Value = serde_json::from_slice(&one.stdout).expect("JSON");
    assert_eq!(
        (verdict["passed"].as_bool(), verdict["misconception"].as_str()),
        (Some(false), Some("arrival-only"))
    );
    assert_eq!(one.status.code(), Some(1));
}

#[test]
fn a_broken_lesson_is_refused_with_file_line_and_column() {
    let file = std::env::temp_dir().join(format!("exitless-lesson-{}.md", std::process::id()));
    std::fs::write(&file, "+++\nname = \"x\"\nnumbr = 1\n+++\n").expect("a lesson");
    let output = lesson(&["lint", file.to_str().expect("a path")]);
    _ = std::fs::remove_file(&file);
    let (_, errors) = said(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.contains(":3:1:") && errors.contains("numbr"), "{errors}");
}
