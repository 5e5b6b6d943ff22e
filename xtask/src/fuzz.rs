//! Fuzzing: builds the targets in `emulator/fuzz` and runs each for a while from its committed corpus.
//!
//! The coverage instrumentation is LLVM's own pass and works on any toolchain; `cargo fuzz run` on a
//! nightly one adds the address sanitizer. Debug assertions and overflow checks are on either way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::{Outcome, cargo, output, root, run, say};

/// A fuzz target and the longest input it is given, in bytes.
struct Target {
    name: &'static str,
    max_len: u32,
}

const TARGETS: [Target; 4] = [
    Target { name: "elf", max_len: 4096 },
    Target { name: "guest", max_len: 4096 },
    Target { name: "scenario", max_len: 4096 },
    Target { name: "packets", max_len: 1024 },
];

/// What coverage-guided mutation needs of the code (LLVM's SanitizerCoverage).
const INSTRUMENTATION: [&str; 4] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
];

/// How many run side by side: a fuzzer keeps one core busy, and every host has two.
const AT_ONCE: usize = 2;
/// How many times as long as real ones the planted bugs are looked for. The fuzzer's seed is fixed, so it is the
/// same input that finds one each time; when depends on the host.
const PATIENCE: u32 = 5;
/// No input may keep a target busy for longer than this.
const INPUT_SECONDS: u32 = 10;
const MEMORY_MB: u32 = 2048;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    /// One target, or all.
    target: Option<String>,
    /// How long each runs.
    seconds: u32,
    /// Whether the planted bugs are looked for, instead of real ones.
    planted: bool,
}

impl Request {
    fn parse(args: &[String]) -> Outcome<Request> {
        let mut request = Request { target: None, seconds: 60, planted: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--planted" => request.planted = true,
                "--seconds" => {
                    let value = args.next().and_then(|v| v.parse().ok()).filter(|v| *v > 0);
                    request.seconds = value.ok_or("--seconds: expected a whole number from 1")?;
                }
                name if TARGETS.iter().any(|t| t.name == name) && request.target.is_none() => {
                    request.target = Some(name.to_string());
                }
                other => {
                    let names = TARGETS.map(|t| t.name).join(", ");
                    return Err(format!(
                        "unexpected `{other}`; expected one of {names}, --seconds or --planted"
                    ));
                }
            }
        }
        Ok(request)
    }

    fn targets(&self) -> impl Iterator<Item = &'static Target> {
        TARGETS.iter().filter(|t| self.target.as_deref().is_none_or(|name| name == t.name))
    }
}

/// `fuzz [TARGET] [--seconds N] [--planted]`.
pub fn fuzz(args: &[String]) -> Outcome<()> {
    let request = Request::parse(args)?;
    let programs = build(request.planted)?;
    let targets: Vec<&Target> = request.targets().collect();
    targets.chunks(AT_ONCE).try_for_each(|some| side_by_side(some, |target| one(target, &programs, &request)))
}

/// One target, for as long as was asked.
fn one(target: &Target, programs: &Path, request: &Request) -> Outcome<()> {
    let work = Work::new(target.name)?;
    let program = programs.join(target.name);
    if request.planted {
        find(target, &program, &work, request)
    } else {
        search(target, &program, &work, request)
    }
}

/// Each of `targets` on a thread of its own; the first that failed, once all are done.
fn side_by_side(targets: &[&Target], run: impl Fn(&Target) -> Outcome<()> + Sync) -> Outcome<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = targets.iter().map(|target| scope.spawn(|| run(target))).collect();
        let ended = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err("a fuzzing thread panicked".to_string())));
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

/// Whether a test run includes fuzzing: in CI, or when nothing may be left out.
pub fn wanted() -> bool {
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    is("CI", "true") || is("EXITLESS_REQUIRE_ALL", "1")
}

/// Builds every target; the folder they are in.
fn build(planted: bool) -> Outcome<PathBuf> {
    let host = output(cargo().args(["-vV"])).unwrap_or_default();
    let host =
        host.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("`cargo -vV` names no host")?;
    say(if planted { "building the fuzz targets with a bug in each" } else { "building the fuzz targets" });
    let folder = target_folder();
    let mut command = cargo();
    command.current_dir(root().join("emulator/fuzz")).args(["build", "--quiet", "--locked", "--release"]);
    // With an explicit target the instrumentation stays out of build scripts.
    command.args(["--target", host, "--target-dir"]).arg(&folder);
    if planted {
        command.args(["--features", "planted-bug"]);
    }
    run(command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", INSTRUMENTATION.join(" ")))?;
    Ok(folder.join(host).join("release"))
}

fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
        .join("fuzz")
}

/// Real bugs: there must be none.
fn search(target: &Target, program: &Path, work: &Work, request: &Request) -> Outcome<()> {
    say(&format!("fuzzing {} for {} s", target.name, request.seconds));
    if run_target(target, program, work, &[format!("-max_total_time={}", request.seconds)])? {
        work.tell("stat::");
        return Ok(());
    }
    let kept = work.keep()?;
    Err(format!("{}: an input makes it fail; input and log are in {}", target.name, kept.display()))
}

/// The planted bug: not in the corpus, and found in time.
fn find(target: &Target, program: &Path, work: &Work, request: &Request) -> Outcome<()> {
    if !run_target(target, program, work, &["-runs=0".to_string()])? {
        return Err(format!(
            "{}: the corpus alone fails with the planted bug; its finding shows nothing",
            target.name
        ));
    }
    let seconds = request.seconds.saturating_mul(PATIENCE);
    say(&format!("fuzzing {} for its planted bug, up to {seconds} s", target.name));
    if run_target(target, program, work, &[format!("-max_total_time={seconds}")])? {
        return Err(format!("{}: the planted bug was not found in {seconds} s", target.name));
    }
    if !work.tell("planted_") {
        let kept = work.keep()?;
        return Err(format!("{}: failed, but not in the planted bug; see {}", target.name, kept.display()));
    }
    Ok(())
}

/// Runs a target from its corpus; whether it survived.
fn run_target(target: &Target, program: &Path, work: &Work, limits: &[String]) -> Outcome<bool> {
    let error = |e: std::io::Error| format!("{}: {e}", program.display());
    let log = fs::File::create(work.log()).map_err(error)?;
    let mut command = Command::new(program);
    command.arg(work.found()).arg(root().join("emulator/fuzz/corpus").join(target.name));
    command.arg(format!("-artifact_prefix={}/", work.folder.display()));
    command.arg(format!("-max_len={}", target.max_len));
    command.arg(format!("-timeout={INPUT_SECONDS}")).arg(format!("-rss_limit_mb={MEMORY_MB}"));
    // A fixed seed, so that a failure comes back; and what the machine prints stays in the log.
    command.args(["-seed=1", "-print_final_stats=1"]).args(limits).env("RUST_BACKTRACE", "1");
    let status =
        command.current_dir(&work.folder).stdout(Stdio::null()).stderr(log).status().map_err(error)?;
    Ok(status.success())
}

/// A folder outside the tree for what a run finds; removed unless kept.
struct Work {
    name: String,
    folder: PathBuf,
    keep: std::cell::Cell<bool>,
}

impl Work {
    fn new(name: &str) -> Outcome<Work> {
        let folder = std::env::temp_dir().join(format!("xtask-fuzz-{name}-{}", std::process::id()));
        let work = Work { name: name.to_string(), folder, keep: false.into() };
        fs::create_dir_all(work.found()).map_err(|e| format!("{}: {e}", work.folder.display()))?;
        Ok(work)
    }

    /// Inputs with new coverage.
    fn found(&self) -> PathBuf {
        self.folder.join("found")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Repeats the log's lines that hold `word`; whether there are any.
    fn tell(&self, word: &str) -> bool {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(word)).collect();
        lines.iter().for_each(|line| say(&format!("  {}: {}", self.name, line.trim())));
        !lines.is_empty()
    }

    /// Leaves the folder, prints the log's end.
    fn keep(&self) -> Outcome<&Path> {
        self.keep.set(true);
        let log = fs::read(self.log()).map_err(|e| format!("{}: {e}", self.log().display()))?;
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        lines.iter().skip(lines.len().saturating_sub(40)).for_each(|line| eprintln!("{line}"));
        Ok(&self.folder)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.keep.get() {
            _ = fs::remove_dir_all(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Outcome<Request> {
        Request::parse(&line.split_whitespace().map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn every_target_runs_for_a_minute_unless_said_otherwise() {
        let request = parse("").unwrap();
        assert_eq!((request.targets().count(), request.seconds, request.planted), (4, 60, false));
        let request = parse("guest --seconds 5 --planted").unwrap();
        assert_eq!(request.targets().map(|t| t.name).collect::<Vec<_>>(), ["guest"]);
        assert_eq!((request.seconds, request.planted), (5, true));
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_was_expected() {
        for (line, expected) in [("gust", "guest"), ("--seconds", "whole number"), ("--seconds 0", "from 1")]
        {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }

    #[test]
    fn every_target_has_a_source_and_a_corpus() {
        let fuzz = root().join("emulator/fuzz");
        for target in &TARGETS {
            assert!(fuzz.join("fuzz_targets").join(target.name).with_extension("rs").is_file());
            let seeds = fs::read_dir(fuzz.join("corpus").join(target.name)).unwrap();
            assert!(seeds.count() >= 3, "{}", target.name);
        }
    }

    #[test]
    fn one_target_that_fails_fails_its_group_after_the_others_have_ended() {
        let ended = std::sync::atomic::AtomicUsize::new(0);
        let result = side_by_side(&[&TARGETS[0], &TARGETS[1]], |target| {
            ended.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if target.name == TARGETS[0].name { Err("no".to_string()) } else { Ok(()) }
        });
        assert_eq!((result, ended.into_inner()), (Err("no".to_string()), 2));
    }

    #[test]
    fn a_work_folder_goes_unless_it_is_kept() {
        let work = Work::new("test").unwrap();
        fs::write(work.log(), "a\nin planted_bug\n").unwrap();
        assert!(work.tell("planted_") && !work.tell("stat::"));
        let folder = work.folder.clone();
        drop(work);
        assert!(!folder.exists());
    }
}
