//! `exitless run`: one machine, its console on the terminal.

use std::io::Write;

use emulator::machine::Stop;
use emulator::time::Time;
use serde::Serialize;

use crate::cli::RunArgs;
use crate::files;
use crate::recording::{self, Recording};
use observe::export::Format;
use observe::failure::{Failure, Outcome, failed};
use observe::images::{ImageHash, Images, hex};
use observe::plan::join;
use observe::rig::{Boot, Build, Rig, preset};
use observe::scenario::machine::{MachineSpec, Network};
use observe::scenario::single::{ModuleSpec, Single};
use observe::scenario::units::Bytes;

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
    images: Vec<ImageHash>,
}

/// Runs one machine until it stops or its time is up.
pub fn command(args: &RunArgs) -> Outcome<()> {
    let scenario = scenario(args)?;
    let names = std::iter::once(&scenario.image).chain(scenario.modules.iter().map(|m| &m.image));
    let images = files::images(args.common.guests.as_deref(), names.map(String::as_str))?;
    recording::check(&args.traces)?;
    let (build, boot) = (build(args, &scenario)?, boot(args, &scenario, &images)?);
    let mut rig = Rig::new(&build, &boot)?;
    let facts = recording::facts(&scenario.title, build.cpus, build.preset.hz());
    let mut recording = Recording::open(&args.traces, &facts, &boot, &mut rig)?;
    if args.perf_kvm {
        recording.print(Format::PerfKvm.exporter(&facts), &mut rig);
    }
    let limit = args.timeout.or(scenario.timeout).map_or(Time::NEVER, |d| d.0);
    let (stop, console) = run(&mut rig, limit, !args.common.json, &mut recording)?;
    recording.finish(rig.now())?;
    if args.common.json {
        let summary = summary(&rig, stop.as_ref(), &console, &images);
        println!("{}", serde_json::to_string_pretty(&summary).unwrap_or_default());
    }
    verdict(stop, rig.now())
}

/// The scenario from its file, or around `--elf`.
fn scenario(args: &RunArgs) -> Outcome<Single> {
    let Some(elf) = &args.elf else {
        return files::scenario(args.scenario.as_deref().unwrap_or_else(|| "".as_ref()));
    };
    let machine =
        MachineSpec { memory: Bytes(128 << 20), cpus: 1, preset: "nehalem-ep".to_string(), seed: 1 };
    Ok(Single {
        title: elf.display().to_string(),
        machine,
        image: as_path(&elf.display().to_string()),
        cmdline: String::new(),
        modules: args.modules.iter().map(|m| module(m)).collect(),
        network: Network::default(),
        message: 256,
        timeout: None,
    })
}

/// A file in this folder is a path too, not the name of a guest.
fn as_path(file: &str) -> String {
    if file.contains('/') { file.to_string() } else { format!("./{file}") }
}

fn module(text: &str) -> ModuleSpec {
    let (file, cmdline) = text.split_once(' ').unwrap_or((text, ""));
    ModuleSpec { image: as_path(file), cmdline: cmdline.to_string() }
}

fn build(args: &RunArgs, scenario: &Single) -> Outcome<Build> {
    let name = args.common.preset.as_deref().unwrap_or(&scenario.machine.preset);
    Ok(Build {
        memory: args.memory.unwrap_or(scenario.machine.memory),
        cpus: scenario.machine.cpus,
        preset: preset(name, &args.common.sets, args.common.exit_cost_scale)?,
        seed: args.common.seed.unwrap_or(scenario.machine.seed),
        network: scenario.network,
        message: scenario.message,
        records: false,
    })
}

fn boot<'a>(args: &RunArgs, scenario: &Single, images: &'a Images) -> Outcome<Boot<'a>> {
    let cmdline = join(&scenario.cmdline, args.append.as_deref().unwrap_or_default());
    let module = |m: &ModuleSpec| Ok((images.bytes(&m.image)?, m.cmdline.clone()));
    let modules = scenario.modules.iter().map(module).collect::<Outcome<_>>()?;
    Ok(Boot { image: (images.bytes(&scenario.image)?, cmdline), modules })
}

/// Runs in slices; the console is written as it comes, or kept.
fn run(
    rig: &mut Rig,
    limit: Time,
    live: bool,
    recording: &mut Recording,
) -> Outcome<(Option<Stop>, Vec<u8>)> {
    let mut kept = Vec::new();
    let mut out = std::io::stdout();
    loop {
        let until = rig.now().plus(recording.slice()).min(limit);
        let stop = rig.run_until(until);
        recording.take(rig)?;
        let console = rig.console();
        if live {
            // A closed pipe ends nothing: the machine's end is the result.
            _ = out.write_all(&console).and_then(|()| out.flush());
        } else {
            kept.extend_from_slice(&console);
        }
        if stop.is_some() || rig.now() >= limit {
            return Ok((stop, kept));
        }
    }
}

fn summary(rig: &Rig, stop: Option<&Stop>, console: &[u8], images: &Images) -> Summary {
    let exit_code = match stop {
        Some(Stop::Exit { code }) => Some(*code),
        _ => None,
    };
    Summary {
        schema: crate::compare::report::SCHEMA,
        stop: stop.map_or("timed out".to_string(), ToString::to_string),
        exit_code,
        virtual_us: rig.now().0 as f64 / 1e6,
        instructions: rig.retired(),
        vm_exits: rig.sample().counters.exits.iter().sum(),
        trace_hash: hex(rig.trace_hash()),
        console: String::from_utf8_lossy(console).into_owned(),
        images: images.hashes(),
    }
}

/// Exit code 0 of the guest, or a power-off, passes.
fn verdict(stop: Option<Stop>, now: Time) -> Outcome<()> {
    match stop {
        Some(Stop::Exit { code: 0 } | Stop::PowerOff) => Ok(()),
        Some(Stop::Exit { code }) => {
            failed(format!("the guest ended with exit code {code} at {now}; expected 0"))
        }
        Some(stop) => failed(format!("the machine stopped at {now}: {stop}")),
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

    #[test]
    fn a_module_is_a_file_and_its_command_line() {
        let m = module("dir/guest workload=rr msg=64");
        assert_eq!((m.image.as_str(), m.cmdline.as_str()), ("dir/guest", "workload=rr msg=64"));
        assert_eq!(module("guest").image, "./guest");
    }
}
