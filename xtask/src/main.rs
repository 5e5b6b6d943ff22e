//! The project's chores, for `cargo xtask` and `cargo lab`. Standard library only.

mod chores;
mod fuzz;
mod guests;
mod lint;
mod shell;
mod toolchain;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask COMMAND

  lab [ARGS]    prepares the toolchain, builds guests and runner, compares the default workload
  guests        builds examples/guests for bare x86-64 into target/guests
  test [ARGS]   builds the guests, then runs every test of the workspace
  fuzz [TARGET] [--seconds N] [--planted]
                fuzzes the machine for 60 s a target; or looks for the bugs planted there
  lint          formatting, clippy with warnings denied, and what the machine may not know of

ARGS go to `exitless compare` and to `cargo test`.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(c, rest)| (c.as_str(), rest));
    let result = match command {
        "lab" => chores::lab(rest),
        "guests" => guests::build().map(|_| ()),
        "test" => chores::test(rest),
        "fuzz" => fuzz::fuzz(rest),
        "lint" => chores::lint(),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        other => {
            eprint!("unknown command `{other}`; expected lab, guests, test, fuzz or lint\n\n{USAGE}");
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
