//! `exitless run`: one machine, its console on the terminal.

use std::io::{IsTerminal, Write};
use std::time::Instant;

use emulator::machine::{Input, Stop};
use emulator::time::Time;
use serde::Serialize;

use crate::cli::RunArgs;
use crate::interrupt;
use crate::progress::Progress;
use crate::recording::{self, Recording};
use crate::stdout;
use crate::subject::Subject;
use crate::terminal::{Terminal, wall};
use observe::export::Format;
use observe::failure::{Failure, Outcome, failed};
use observe::images::{ImageHash, hex};
use observe::rig::Rig;

/// `run --json`.
#[derive(Clone, Debug, Serialize)]
struct Summary {
    schema: u32,
    stop: String,
    exit_code: Option<u32>,
    virtual_us: f64,
    instructions: u64,
    vm_exits: u64,
    trace_hash: String,
    console: String,
    /// How often the machine began again; the counts and the hash are of the last time.
    resets: u64,
    images: Vec<ImageHash>,
}

/// A machine and, where resets do not end the run, those before it.
struct Run<'a> {
    subject: &'a Subject,
    rig: Rig,
    restart: bool,
    resets: u64,
    /// Virtual time of the machines before this one.
    before: Time,
    limit: Time,
}

impl Run<'_> {
    /// Virtual time of all of them.
    fn now(&self) -> Time {
        self.before.plus(self.rig.now())
    }

    /// Runs on by `slice` at most; what ended the run, if anything. The console's bytes so far are still there.
    fn advance(&mut self, slice: Time) -> Option<Stop> {
        let slice = slice.min(self.limit.since(self.now()));
        self.rig.run_until(self.rig.now().plus(slice))
    }

    /// Power-on again, if that is what `stop` asks for.
    fn begins_again(&mut self, stop: Option<&Stop>) -> Outcome<bool> {
        let again = self.restart && stop == Some(&Stop::Reset);
        if again {
            self.before = self.now();
            self.resets += 1;
            self.rig = self.subject.rig()?;
        }
        Ok(again)
    }
}

/// Runs one machine until it stops or its time is up.
pub fn command(args: &RunArgs) -> Outcome<()> {
    recording::check(&args.traces)?;
    let subject = Subject::new(&args.machine)?;
    let (build, boot) = (subject.build(), subject.boot()?);
    let mut rig = subject.rig()?;
    let facts = recording::facts(&subject.title, build.cpus, build.preset.hz());
    let mut recording = Recording::open(&args.traces, &facts, &boot, &mut rig)?;
    if args.perf_kvm {
        recording.print(Format::PerfKvm.exporter(&facts), &mut rig);
    }
    let limit = args.timeout.or(subject.timeout).map_or(Time::NEVER, |d| d.0);
    let live = !args.machine.common.json;
    // A bar would fall between the lines of a console on the same terminal.
    let apart = !live || !std::io::stdout().is_terminal();
    let progress = (apart && limit != Time::NEVER).then(|| Progress::new(limit.0 / Time::ms(1).0));
    let mut terminal = if live { Terminal::take() } else { None };
    let mut run = Run { subject: &subject, rig, restart: args.restart, resets: 0, before: Time::ZERO, limit };
    let (stop, console) = to_the_end(&mut run, live, progress.as_ref(), &mut recording, terminal.as_mut())?;
    let left = terminal.as_ref().is_some_and(Terminal::left);
    drop(terminal);
    if let Some(progress) = progress {
        progress.finish();
    }
    recording.finish(run.rig.now())?;
    if args.machine.common.json {
        let summary = summary(&run, stop.as_ref(), &console);
        stdout::json(&summary)?;
    }
    if left && stop.is_none() {
        return Ok(());
    }
    verdict(stop, run.now())
}

/// Runs in slices; the console is written as it comes, or kept.
fn to_the_end(
    run: &mut Run<'_>,
    live: bool,
    progress: Option<&Progress>,
    recording: &mut Recording,
    mut terminal: Option<&mut Terminal>,
) -> Outcome<(Option<Stop>, Vec<u8>)> {
    let mut kept = Vec::new();
    let mut out = std::io::stdout();
    loop {
        let slice = recording.slice();
        let began = Instant::now();
        let stop = run.advance(slice);
        recording.take(&mut run.rig)?;
        let console = run.rig.console();
        if live {
            // A closed pipe ends nothing: the machine's end is the result.
            _ = out.write_all(&console).and_then(|()| out.flush());
        } else {
            kept.extend_from_slice(&console);
        }
        if let Some(progress) = progress {
            progress.advance(slice);
        }
        if let Some(terminal) = terminal.as_deref_mut() {
            terminal.wait(began + wall(slice));
            for byte in terminal.bytes(run.rig.console_room()) {
                run.rig.input(Input::Console(byte));
            }
            if terminal.left() {
                return Ok((stop, kept));
            }
        }
        if run.now() >= run.limit || interrupt::requested() {
            return Ok((stop, kept));
        }
        if stop.is_some() && !run.begins_again(stop.as_ref())? {
            return Ok((stop, kept));
        }
    }
}

fn summary(run: &Run<'_>, stop: Option<&Stop>, console: &[u8]) -> Summary {
    let exit_code = match stop {
        Some(Stop::Exit { code }) => Some(*code),
        _ => None,
    };
    let rig = &run.rig;
    Summary {
        schema: crate::compare::report::SCHEMA,
        stop: stop.map_or_else(|| unfinished().to_string(), ToString::to_string),
        exit_code,
        virtual_us: rig.now().0 as f64 / 1e6,
        instructions: rig.retired(),
        vm_exits: rig.sample().counters.exits.iter().sum(),
        trace_hash: hex(rig.trace_hash()),
        console: String::from_utf8_lossy(console).into_owned(),
        resets: run.resets,
        images: run.subject.hashes(),
    }
}

/// Why a machine that did not stop by itself runs no further.
fn unfinished() -> &'static str {
    if interrupt::requested() { "interrupted" } else { "timed out" }
}

/// Exit code 0 of the guest, or a power-off, passes.
fn verdict(stop: Option<Stop>, now: Time) -> Outcome<()> {
    match stop {
        Some(Stop::Exit { code: 0 } | Stop::PowerOff) => Ok(()),
        Some(Stop::Exit { code }) => {
            failed(format!("the guest ended with exit code {code} at {now}; expected 0"))
        }
        Some(stop) => failed(format!("the machine stopped at {now}: {stop}")),
        None if interrupt::requested() => Err(Failure::Interrupted(format!("interrupted at {now}"))),
        None => {
            Err(Failure::TimedOut(format!("timed out at {now}; expected the machine to stop before that")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_follows_the_guests_exit_code() {
        let code = |stop| verdict(stop, Time::us(1)).map_or_else(|e| e.exit_code(), |()| 0);
        assert_eq!(code(Some(Stop::Exit { code: 0 })), 0);
        assert_eq!(code(Some(Stop::Exit { code: 3 })), 1);
        assert_eq!(code(None), 42);
    }
}
