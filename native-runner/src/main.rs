//! `exitless`: a machine that can be watched, from a command line.

use std::process::ExitCode;

use clap::Parser;
use native_runner::cli::{Cli, Command};
use native_runner::{attack, compare, diff, gdb, inspect, interrupt, lesson, manual, run, sweep};

fn main() -> ExitCode {
    let command = Cli::parse().command;
    // gdb interrupts its machine through the protocol; Ctrl-C ends its server.
    if !matches!(command, Command::Gdb(_))
        && let Err(failure) = interrupt::listen()
    {
        eprintln!("exitless: {failure}");
    }
    let result = match command {
        Command::Compare(args) => compare::command(&args),
        Command::Run(args) => run::command(&args),
        Command::Gdb(args) => gdb::command(&args),
        Command::Inspect(args) => inspect::command(&args),
        Command::Diff(args) => diff::command(&args),
        Command::Completions(args) => manual::completions(&args),
        Command::Man(args) => manual::man(&args),
        Command::Attack(args) => attack::command(&args),
        Command::Sweep(args) => sweep::command(&args),
        Command::Lesson(args) => lesson::command(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("exitless: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
