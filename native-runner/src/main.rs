//! `exitless`: a machine that can be watched, from a command line.

use std::process::ExitCode;

use clap::Parser;
use native_runner::cli::{Cli, Command};
use native_runner::{attack, compare, gdb, lesson, run, sweep};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Compare(args) => compare::command(&args),
        Command::Run(args) => run::command(&args),
        Command::Gdb(args) => gdb::command(&args),
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
