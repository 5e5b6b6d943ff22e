//! The project's chores, for `cargo xtask` and `cargo lab`. Standard library and the kit for Linux only.

mod bench_c;
mod bench_linux;
mod browser;
mod chores;
mod debian;
mod fuzz;
mod guests;
mod lint;
mod linux;
mod options;
mod readers;
mod serve;
mod shell;
mod site;
mod toolchain;
mod wasm;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  lab [--no-serve] [--port N] [ARGS]
                prepares the toolchain, builds guests and runner, compares the default workload, then
                builds the page and serves it on this machine
  guests        builds examples/guests for bare x86-64 into target/guests
  test [ARGS]   builds the guests and the machine for WebAssembly, then runs every test of the workspace
  fetch-linux   downloads Debian's kernels and busybox into target/linux, and writes an initramfs there
  fuzz [TARGET] [--seconds N] [--planted]
                fuzzes the machine for 60 s a target; or looks for the bugs planted there, up to
                five times as long
  wasm          builds the machine for WebAssembly into target/wasm
  site [--out DIR] [--single-file FILE] [--package DIR] [--scorm FILE [--scorm-name NAME]]
       [--home URL] [--versions URL]
                builds the page that any web server can host, one HTML that works from a disk, a folder
                for `npm pack`, a SCORM 1.2 package; URLs say where the full page and other builds are
  browser-test [FILTER]
                builds the page and tests it in a real browser (node and Chromium)
  screenshots   builds the page and writes the pictures of it in docs/screenshots
  bench-page    builds the page, feeds it synthetic frames in a browser, and prints what a frame costs there
  bench [ARGS]  builds guests and machine, then measures its speed natively and in WebAssembly
  bench-linux [--program FILE.c] [--cpus N,N] [--runs N]
                boots Debian's kernel here and in QEMU (TCG), runs a C program in it, and prints both times
  lint          formatting, clippy with warnings denied, and what the machine may not know of

ARGS go to `exitless compare`, to `cargo test` and to criterion.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(c, rest)| (c.as_str(), rest));
    let result = match command {
        "lab" => chores::lab(rest),
        "guests" => guests::build().map(|_| ()),
        "test" => chores::test(rest),
        "wasm" => wasm::build().map(|_| ()),
        "site" => site::site(rest),
        "browser-test" => browser::test(rest),
        "screenshots" => browser::script("screenshots.mjs", rest),
        "bench-page" => browser::script("bench.mjs", rest),
        "bench" => chores::bench(rest),
        "fetch-linux" => linux::fetch(),
        "bench-linux" => bench_linux::bench(rest),
        "fuzz" => fuzz::fuzz(rest),
        "lint" => chores::lint(),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => {
            eprint!(
                "unknown command `{other}`; expected lab, guests, wasm, site, test, browser-test, screenshots, bench, bench-page, bench-linux, fuzz, fetch-linux or lint\n\n{USAGE}"
            );
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
