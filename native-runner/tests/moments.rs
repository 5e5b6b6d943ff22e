//! `inspect`, `diff` and Ctrl-C, as a person uses them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The command line; `None`, with the reason printed, where the guests have not been built.
fn exitless(args: &[&str]) -> Option<Command> {
    let guests =
        std::env::var_os("EXITLESS_GUESTS").map_or_else(|| root().join("target/guests"), PathBuf::from);
    if !guests.join("netguest").is_file() {
        let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
        assert!(!required, "SKIPPED is not allowed here: no guests in {}", guests.display());
        eprintln!("SKIPPED: no guests in {}; build them with `cargo xtask guests`", guests.display());
        return None;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.args(args).current_dir(root()).stdin(Stdio::null());
    Some(command)
}

fn run(args: &[&str]) -> Option<Output> {
    Some(exitless(args)?.output().unwrap())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_moment_is_inspected_the_same_by_name_and_by_index() {
    let Some(named) = run(&["inspect", "stream", "--at", "nic:17/delivered", "--json"]) else { return };
    let named: Value = serde_json::from_slice(&named.stdout).unwrap();
    let rip = named["state"]["machine"]["cpu0"]["registers"]["RIP"].as_str().unwrap();
    assert!(rip.starts_with("0x00000000002"), "{rip} is in the guest's image");
    let last = named["at"]["records"].as_u64().unwrap() - 1;
    let by_index = run(&["inspect", "stream", &format!("--at=#{last}"), "--json"]).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&by_index.stdout).unwrap(), named);
    let part = run(&["inspect", "stream", "--at", "t=1204.318us", "--part", "cpu0/control"]).unwrap();
    assert!(text(&part.stdout).contains("\n  CR0 = 0x"), "{}", text(&part.stdout));
}

#[test]
fn a_moment_that_is_none_is_refused_with_what_was_expected() {
    for (args, expected) in [
        (["inspect", "stream", "--at", "nick:1"], "expected one of nic"),
        (["inspect", "steram", "--at", "nic:1"], "did you mean `stream`?"),
        (["inspect", "stream", "--at", "nic:1/blocked"], "did not come before"),
    ] {
        let more = ["--timeout", "6ms"];
        let Some(output) = run(&[&args[..], &more[..]].concat()) else { return };
        let error = text(&output.stderr);
        assert!(!output.status.success() && error.contains(expected), "{args:?}: {error}");
    }
}

#[test]
fn runs_are_the_same_or_part_at_an_event_that_is_told() {
    let Some(same) = run(&["diff", "stream", "stream,seed=1", "--until", "4ms"]) else { return };
    assert!(same.status.success(), "{}", text(&same.stdout));
    assert!(text(&same.stdout).starts_with("no difference in "), "{}", text(&same.stdout));
    let parted = run(&["diff", "stream", "stream,append=msg=512", "--until", "6ms", "--json"]).unwrap();
    assert_eq!(parted.status.code(), Some(1), "{}", text(&parted.stderr));
    let json: Value = serde_json::from_slice(&parted.stdout).unwrap();
    let place = &json["parted"];
    assert!(place["record"].as_u64().is_some() && place["first"] != place["second"], "{place}");
    assert!(json["counters"]["instructions"][0].as_u64().is_some_and(|n| n > 1_000_000));
    let wrong = run(&["diff", "stream", "stream,sede=2"]).unwrap();
    assert!(text(&wrong.stderr).contains("did you mean `seed`?"), "{}", text(&wrong.stderr));
}

#[cfg(unix)]
#[test]
fn after_ctrl_c_what_was_recorded_is_written() {
    let folder = std::env::temp_dir().join(format!("moments-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("run.json");
    let trace = format!("chrome={}", file.display());
    let Some(mut command) = exitless(&["run", "stream", "--timeout", "100s", "--trace", &trace]) else {
        return;
    };
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // Until events are written, to a file of another name.
    let growing = || {
        let entries = std::fs::read_dir(&folder).unwrap().flatten();
        entries.filter_map(|entry| entry.metadata().ok()).any(|file| file.len() > 100_000)
    };
    let patience = Instant::now() + Duration::from_secs(120);
    while !growing() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(!file.exists(), "half a file has the final name");
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("interrupted at"), "{}", text(&output.stderr));
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(written["traceEvents"].as_array().or(written.as_array()).is_some_and(|e| e.len() > 100));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left");
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_trace_that_the_disk_does_not_take_is_told_and_what_was_there_stays() {
    let folder = std::env::temp_dir().join(format!("full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("run.json");
    std::fs::write(&file, "before").unwrap();
    let Some(exitless) = exitless(&["run", "stream", "--timeout", "20ms"]) else { return };
    // With the signal ignored, a file over the shell's limit is an error to write, as on a full disk.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""]).arg(exitless.get_program());
    shell.args(exitless.get_args()).arg("--trace").arg(format!("chrome={}", file.display()));
    let output = shell.current_dir(root()).stdin(Stdio::null()).output().unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("run.json: not written: ") && error.contains("nothing of it is left"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "half a file is left");
    std::fs::remove_dir_all(folder).unwrap();
}
