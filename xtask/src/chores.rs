//! The commands that join the others.

use std::path::Path;

use crate::shell::{Outcome, TESTED, cargo, root, run, say};
use crate::{browser, fuzz, guests, lint, linux, readers, serve, site, wasm};

/// What of `cargo lab`'s command line is its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lab {
    /// 0 takes a free one.
    port: u16,
    no_serve: bool,
    /// What `exitless compare` is told.
    compare: Vec<String>,
}

impl Lab {
    fn parse(args: &[String]) -> Outcome<Lab> {
        let mut lab = Lab::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "--no-serve" => lab.no_serve = true,
                "--port" => {
                    let port = rest.next().map_or("", String::as_str);
                    lab.port = port
                        .parse()
                        .map_err(|_| format!("--port {port}: expected a number from 0 to 65535"))?;
                }
                _ => lab.compare.push(arg.clone()),
            }
        }
        Ok(lab)
    }
}

/// From a fresh clone to the table, then to the page.
pub fn lab(args: &[String]) -> Outcome<()> {
    let lab = Lab::parse(args)?;
    compare(&lab.compare)?;
    if lab.no_serve {
        return Ok(());
    }
    let folder = root().join("target/site");
    site::build(&site::Wanted { out: Some(folder.clone()), quiet: true, ..site::Wanted::default() })?;
    serve::serve(&folder, lab.port, |url| {
        println!("\nThe Lab: {url}");
        say("serving on this machine only; Ctrl-C ends it");
    })
}

fn compare(args: &[String]) -> Outcome<()> {
    let guests = guests::build()?;
    say("building the runner");
    run(cargo().args(["build", "--release", "--package", "native-runner"]))?;
    say("comparing; the table follows in under a minute");
    let mut compare = cargo();
    compare.args(["run", "--quiet", "--release", "--package", "native-runner", "--", "compare"]);
    run(compare.args(args).env("EXITLESS_GUESTS", guests))
}

/// Every test. The machine's tests run millions of guest instructions: optimised. Fuzzing takes
/// minutes, and is left to CI.
pub fn test(args: &[String]) -> Outcome<()> {
    lint::check()?;
    // Node first: it runs the machine in WebAssembly, too.
    let browser = browser::tools_for_tests()?;
    let guests = guests::build()?;
    let wasm = wasm::build_for_tests()?;
    let readers = readers::find();
    linux::fetch_for_tests()?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--profile", TESTED]).args(args).env("EXITLESS_GUESTS", &guests);
    tests.env("EXITLESS_READERS", readers);
    run(tests.envs(wasm.map(|module| ("EXITLESS_WASM", module))))?;
    small(&guests)?;
    browser.as_ref().map_or(Ok(()), browser::test_all)?;
    if !fuzz::wanted() {
        return Ok(());
    }
    fuzz::fuzz(&[])?;
    fuzz::fuzz(&["--planted".to_string()])
}

/// What the machine does where it is built without some of itself.
fn small(guests: &Path) -> Outcome<()> {
    let mut tests = cargo();
    tests.args(["test", "--package", "emulator", "--profile", TESTED, "--no-default-features"]);
    run(tests.args(["--test", "left_out"]).env("EXITLESS_GUESTS", guests))
}

/// How fast the machine is. What stands in the way of the WebAssembly half is told; the rest is measured.
pub fn bench(args: &[String]) -> Outcome<()> {
    let guests = guests::build()?;
    let wasm = wasm::build_for_tests()?;
    let mut bench = cargo();
    bench.args(["bench", "--package", "emulator", "--bench", "speed", "--"]).args(args);
    run(bench.env("EXITLESS_GUESTS", guests).envs(wasm.map(|module| ("EXITLESS_WASM", module))))?;
    run(cargo().args(["bench", "--package", "observe", "--bench", "export"]))
}

/// Everything that reads the source and runs nothing.
pub fn lint() -> Outcome<()> {
    lint::check()?;
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args(["fmt", "--all", "--check"]).current_dir(root().join("examples/guests")))?;
    run(cargo().args(["fmt", "--all", "--check"]).current_dir(root().join("emulator/fuzz")))?;
    run(cargo().args(["fmt", "--all", "--check"]).current_dir(wasm::package()))?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Outcome<Lab> {
        Lab::parse(&line.split_whitespace().map(str::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn the_labs_own_options_are_taken_and_the_others_passed_on() {
        let lab = parse("--workload rr --port 8000 --modes all").unwrap();
        assert_eq!((lab.port, lab.no_serve), (8000, false));
        assert_eq!(lab.compare, ["--workload", "rr", "--modes", "all"]);
        assert!(parse("--no-serve").unwrap().no_serve);
    }

    #[test]
    fn a_port_that_is_none_is_told() {
        assert!(parse("--port 70000").unwrap_err().contains("expected a number"));
        assert!(parse("--port").unwrap_err().contains("expected a number"));
    }
}
