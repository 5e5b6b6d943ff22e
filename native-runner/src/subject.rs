//! Which machine a command is about: a scenario of either kind, or an image.

use std::path::Path;

use emulator::cpu::cpuid::Model;
use observe::failure::{Failure, Outcome, usage};
use observe::images::{ImageHash, Images};
use observe::plan::{Choice, Plan, Task, join, with_clocks, with_seed};
use observe::rig::{Boot, Build, Rig, model, preset};
use observe::scenario::comparison::Comparison;
use observe::scenario::machine::{MachineSpec, Network};
use observe::scenario::parse;
use observe::scenario::single::{ModuleSpec, Single};
use observe::scenario::units::{Bytes, Duration};
use observe::symbols::SymbolMap;

use crate::cli::MachineArgs;
use crate::files;

/// A machine that can be built as often as wanted.
pub struct Subject {
    /// What it is called.
    pub title: String,
    /// The scenario's own time limit.
    pub timeout: Option<Duration>,
    append: String,
    memory: Option<Bytes>,
    cpus: Option<u8>,
    model: Option<Model>,
    /// Given by `--kernel`.
    is_kernel: bool,
    of: Of,
}

enum Of {
    Single { scenario: Box<Single>, build: Box<Build>, images: Images },
    Comparison { plan: Box<Plan>, task: Task },
}

impl Subject {
    /// Reads the scenario and the images that `args` ask for.
    pub fn new(args: &MachineArgs) -> Outcome<Subject> {
        if let Some(image) = args.elf.as_deref().or(args.kernel.as_deref()) {
            return Subject::single(args, around(args, image));
        }
        let Some(asked) = args.scenario.as_deref() else { return usage(files::no_scenario()) };
        let path = files::scenario_named(asked)?;
        let text = files::text(&path)?;
        let named = |e| Failure::Usage(format!("{}: {e}", path.display()));
        // A comparison declares modes; a single machine does not.
        if text.lines().any(|line| line.trim_start().starts_with("[[mode]]")) {
            return Subject::comparison(args, parse(&text).map_err(named)?);
        }
        if let Some(asked) = args.workload.as_ref().or(args.mode.as_ref()) {
            return usage(format!(
                "{}: one machine without workloads and modes, so not `{asked}`",
                path.display()
            ));
        }
        Subject::single(args, parse(&text).map_err(named)?)
    }

    fn single(args: &MachineArgs, scenario: Single) -> Outcome<Subject> {
        let names = std::iter::once(&scenario.image).chain(scenario.modules.iter().map(|m| &m.image));
        let images = files::images(args.common.guests.as_deref(), names.map(String::as_str))?;
        let name = args.common.preset.as_deref().unwrap_or(&scenario.machine.preset);
        let build = Build {
            memory: scenario.machine.memory,
            cpus: scenario.machine.cpus,
            model: scenario.machine.model,
            preset: preset(name, &args.common.sets, args.common.exit_cost_scale)?,
            seed: args.common.seed.unwrap_or(scenario.machine.seed),
            network: scenario.network,
            message: scenario.message,
            records: false,
        };
        let (title, timeout) = (scenario.title.clone(), scenario.timeout);
        let of = Of::Single { scenario: Box::new(scenario), build: Box::new(build), images };
        Subject::of(title, timeout, args, of)
    }

    fn comparison(args: &MachineArgs, scenario: Comparison) -> Outcome<Subject> {
        let mode = args.mode.clone().or_else(|| scenario.modes.first().map(|m| m.name.clone()));
        let choice = Choice {
            workload: args.workload.clone(),
            modes: mode.clone().into_iter().collect(),
            preset: args.common.preset.clone(),
            sets: args.common.sets.clone(),
            exit_cost_scale: args.common.exit_cost_scale,
            seed: args.common.seed,
            ..Choice::default()
        };
        let plan = Plan::new(scenario, &choice, |name| files::guest(args.common.guests.as_deref(), name))?;
        let chosen = |task: &Task| Some(&plan.mode(*task).name) == mode.as_ref();
        let task = plan.tasks().into_iter().find(chosen);
        let task = task.ok_or_else(|| Failure::Usage("the scenario has no mode".to_string()))?;
        let title = format!("{}, {}", plan.workload(task).title, plan.mode(task).title);
        let of = Of::Comparison { plan: Box::new(plan), task };
        Subject::of(title, None, args, of)
    }

    /// With what the command line says of every machine.
    fn of(title: String, timeout: Option<Duration>, args: &MachineArgs, of: Of) -> Outcome<Subject> {
        Ok(Subject {
            title,
            timeout,
            append: args.append.clone().unwrap_or_default(),
            memory: args.memory,
            cpus: args.cpus,
            model: args.cpu.as_deref().map(model).transpose()?,
            is_kernel: args.kernel.is_some(),
            of,
        })
    }

    /// What it boots.
    pub fn boot(&self) -> Outcome<Boot<'_>> {
        let mut boot = match &self.of {
            Of::Comparison { plan, task } => plan.boot(*task)?,
            Of::Single { scenario, build, images } => {
                let line = |line: &str| with_seed(&with_clocks(line, &build.preset), build.seed);
                let module = |m: &ModuleSpec| Ok((images.bytes(&m.image)?, line(&m.cmdline)));
                let modules = scenario.modules.iter().map(module).collect::<Outcome<_>>()?;
                Boot { image: (images.bytes(&scenario.image)?, line(&scenario.cmdline)), modules }
            }
        };
        boot.image.1 = join(&boot.image.1, &self.append);
        Ok(boot)
    }

    /// The image that it boots and its first module, each with its name.
    pub fn files(&self) -> Outcome<Vec<(String, &[u8])>> {
        let boot = self.boot()?;
        let names: Vec<&String> = match &self.of {
            Of::Single { scenario, .. } => {
                std::iter::once(&scenario.image).chain(scenario.modules.iter().map(|m| &m.image)).collect()
            }
            Of::Comparison { plan, task } => {
                let mode = plan.mode(*task);
                std::iter::once(&mode.image).chain(&mode.module).collect()
            }
        };
        let files = std::iter::once(boot.image.0).chain(boot.modules.iter().map(|m| m.0));
        Ok(names.into_iter().cloned().zip(files).collect())
    }

    /// What it is made of.
    pub fn build(&self) -> Build {
        let mut build = match &self.of {
            Of::Comparison { plan, task } => plan.build(*task),
            Of::Single { build, .. } => (**build).clone(),
        };
        build.memory = self.memory.unwrap_or(build.memory);
        build.cpus = self.cpus.unwrap_or(build.cpus);
        build.model = self.model.unwrap_or(build.model);
        build
    }

    /// The machine, as at power-on.
    pub fn rig(&self) -> Outcome<Rig> {
        Rig::new(&self.build(), &self.boot()?).map_err(|failure| failure.about(&self.title))
    }

    /// The names in its images.
    pub fn symbols(&self) -> Outcome<SymbolMap> {
        Ok(SymbolMap::of(&self.boot()?))
    }

    /// Whether what boots is to run a guest: a scenario says so by a module that is an image. A kernel's modules, its
    /// initial RAM disk for one, are files.
    pub fn has_guest(&self) -> bool {
        let image =
            |boot: Boot<'_>| boot.modules.first().is_some_and(|(bytes, _)| bytes.starts_with(b"\x7fELF"));
        !self.is_kernel && self.boot().is_ok_and(image)
    }

    /// Says exactly which images these are.
    pub fn hashes(&self) -> Vec<ImageHash> {
        match &self.of {
            Of::Single { images, .. } => images.hashes(),
            Of::Comparison { plan, .. } => plan.images.hashes(),
        }
    }
}

/// A scenario around `--elf` or `--kernel`; an initial RAM disk is the kernel's first module.
fn around(args: &MachineArgs, image: &Path) -> Single {
    let image = image.display().to_string();
    let memory = Bytes(if args.kernel.is_some() { 512 << 20 } else { 128 << 20 });
    let initrd = args
        .initrd
        .iter()
        .map(|disk| ModuleSpec { image: as_path(&disk.display().to_string()), cmdline: String::new() });
    Single {
        title: image.clone(),
        machine: MachineSpec {
            memory,
            cpus: 1,
            model: Model::default(),
            preset: "nehalem-ep".to_string(),
            seed: 1,
        },
        image: as_path(&image),
        cmdline: String::new(),
        modules: initrd.chain(args.modules.iter().map(|m| module(m))).collect(),
        network: Network::default(),
        message: 256,
        timeout: None,
    }
}

/// A file in this folder is a path too, not the name of a guest.
fn as_path(file: &str) -> String {
    if file.contains('/') { file.to_string() } else { format!("./{file}") }
}

fn module(text: &str) -> ModuleSpec {
    let (file, cmdline) = text.split_once(' ').unwrap_or((text, ""));
    ModuleSpec { image: as_path(file), cmdline: cmdline.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_a_file_and_its_command_line() {
        let m = module("dir/guest workload=rr msg=64");
        assert_eq!((m.image.as_str(), m.cmdline.as_str()), ("dir/guest", "workload=rr msg=64"));
        assert_eq!(module("guest").image, "./guest");
    }
}
