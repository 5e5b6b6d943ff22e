//! What a person meets who is in a hurry: help everywhere, names half remembered, pipes that close, disks that are
//! full. One table for each.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn exitless(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.current_dir(root()).args(arguments).stdin(Stdio::null());
    command
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_command_helps_with_examples() {
    let commands = [
        "compare",
        "run",
        "gdb",
        "inspect",
        "diff",
        "attack",
        "sweep",
        "lesson",
        "completions",
        "man",
        "lesson check",
        "lesson grade",
        "lesson lint",
        "lesson preview",
        "lesson new",
    ];
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let output = exitless(&words).output().unwrap();
        let help = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && errors(&output).is_empty(), "{command}: {}", errors(&output));
        for part in ["Usage: ", "Options:", "Examples:", &format!("  exitless {command}")] {
            assert!(help.contains(part), "{command}: no {part:?} in\n{help}");
        }
        assert!(!help.contains('\x1b'), "{command}: colours in a pipe");
    }
}

/// Arguments, the exit code, and what stderr says.
type Row<'a> = (&'a [&'a str], i32, &'a [&'a str]);

#[test]
fn a_slip_is_told_with_what_was_meant() {
    let rows: [Row<'_>; 26] = [
        (&["comapre"], 2, &["'compare'"]),
        (&["run", "--elff", "x"], 2, &["'--elf'"]),
        (&["run", "steram"], 2, &["did you mean `stream`?"]),
        (&["run"], 2, &["compare, course", "--elf FILE", "--kernel FILE"]),
        (&["gdb"], 2, &["--elf FILE"]),
        (&["inspect", "--at", "t=1us"], 2, &["--elf FILE"]),
        (&["inspect", "stream"], 2, &["--at <MOMENT>"]),
        (&["inspect", "stream", "--at", "yesterday"], 2, &["--at", "expected"]),
        (&["inspect", "stream", "--at", "t=2ms", "--timeout", "1ms"], 2, &["--timeout 1", "before it"]),
        (&["run", "compare", "--workload", "steram"], 2, &["did you mean `stream`?"]),
        (&["run", "compare", "--mode", "bear-metal"], 2, &["did you mean `bare-metal`?"]),
        (&["run", "stream", "--cpu", "haswel"], 2, &["did you mean `haswell`?"]),
        (&["run", "stream", "--trace", "perfeto=x"], 2, &["did you mean `perfetto`?"]),
        (&["run", "stream", "--trace", "perfetto"], 2, &["expected FORMAT=FILE"]),
        (&["run", "stream", "--timeout", "5"], 2, &["expected"]),
        (&["compare", "--scenario", "comapre"], 2, &["did you mean `compare`?"]),
        (&["compare", "--preset", "nehalem"], 2, &["did you mean `nehalem-ep`?"]),
        (&["compare", "--set", "message-size=64"], 2, &["expected --message-size 64"]),
        (&["compare", "--set", "tsc_hx=1"], 2, &["did you mean `tsc_hz`?"]),
        (&["compare", "--message-size", "63"], 2, &["message-size", "64"]),
        (&["sweep", "--parameter", "mesage-size", "--values", "64"], 2, &["did you mean `message-size`?"]),
        (&["sweep", "--parameter", "exit-cost", "--values", "1", "--shard", "3/2"], 2, &["as in 1/4"]),
        (
            &["sweep", "--parameter", "exit-cost", "--values", "1", "--exit-cost-scale", "2"],
            2,
            &["sweeps it"],
        ),
        (
            &["sweep", "--parameter", "moderation", "--values", "none", "--moderation", "none"],
            2,
            &["sweeps it"],
        ),
        (&["attack", "never-eio"], 2, &["did you mean `never-eoi`?"]),
        (&["completions", "fsh"], 2, &["fish"]),
    ];
    for (arguments, code, says) in rows {
        let output = exitless(arguments).output().unwrap();
        let text = errors(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        for part in says {
            assert!(text.contains(part), "{arguments:?}: no {part:?} in: {text}");
        }
        assert!(!text.contains("panicked") && !text.contains('\x1b'), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty(), "{arguments:?}: errors go to stderr");
    }
}

#[test]
fn a_shell_completes_and_the_manual_has_a_page_for_each_command() {
    for (shell, part) in
        [("bash", "complete -F"), ("zsh", "#compdef exitless"), ("fish", "complete -c exitless")]
    {
        let output = exitless(&["completions", shell]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(part) && text.contains("perf-kvm"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("man1");
    assert!(exitless(&["man", "--out", out.to_str().unwrap()]).status().unwrap().success());
    for page in ["exitless.1", "exitless-run.1", "exitless-lesson-check.1"] {
        let text = std::fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(".SH NAME") && text.contains(".TH"), "{page}");
    }
    assert!(
        std::fs::read_dir(&out).unwrap().flatten().all(|f| f.path().extension().is_some_and(|e| e == "1"))
    );
}

/// What prints, with nothing that has to be built.
const PRINTS: [&[&str]; 4] = [
    &["attack", "--list"],
    &["man"],
    &["completions", "bash"],
    &["lesson", "preview", "examples/lessons/01-follow-one-interrupt.md"],
];

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure_and_a_full_disk_is_one() {
    for arguments in PRINTS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = exitless(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), errors(&output)), (Some(0), String::new()), "{arguments:?}");
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = exitless(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let text = errors(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
        assert!(text.contains("stdout") && !text.contains("panicked"), "{arguments:?}: {text}");
    }
}

#[test]
fn what_is_printed_into_a_pipe_is_the_same_each_time() {
    for arguments in PRINTS {
        let said = || exitless(arguments).output().unwrap().stdout;
        let first = said();
        assert!(!first.is_empty() && first == said() && !first.contains(&0x1b), "{arguments:?}");
    }
}
