//! The commands that join the others.

use crate::shell::{Outcome, cargo, root, run, say};
use crate::{fuzz, guests, lint, wasm};

/// From a fresh clone to the table.
pub fn lab(args: &[String]) -> Outcome<()> {
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
    let guests = guests::build()?;
    let wasm = wasm::build_for_tests()?;
    let mut tests = cargo();
    tests.args(["test", "--workspace", "--release"]).args(args).env("EXITLESS_GUESTS", guests);
    run(tests.envs(wasm.map(|module| ("EXITLESS_WASM", module))))?;
    if !fuzz::wanted() {
        return Ok(());
    }
    fuzz::fuzz(&[])?;
    fuzz::fuzz(&["--planted".to_string()])
}

/// How fast the machine is. What stands in the way of the WebAssembly half is told; the rest is measured.
pub fn bench(args: &[String]) -> Outcome<()> {
    let guests = guests::build()?;
    let wasm = wasm::build_for_tests()?;
    let mut bench = cargo();
    bench.args(["bench", "--package", "emulator", "--bench", "speed", "--"]).args(args);
    run(bench.env("EXITLESS_GUESTS", guests).envs(wasm.map(|module| ("EXITLESS_WASM", module))))
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
