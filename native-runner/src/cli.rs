//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::examples;
use crate::recording::TraceTo;
use observe::scenario::units::{Bytes, Duration, Ratio};

/// A deterministic x86-64 machine that can be watched.
#[derive(Debug, Parser)]
#[command(name = "exitless", version, about, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 passed, 1 failed, 2 usage, 42 timed out, 130 interrupted.\n\
                          Data goes to stdout, progress to stderr. Times are virtual.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The same work in each mode of a scenario, on one clock
    #[command(after_help = examples::COMPARE)]
    Compare(CompareArgs),
    /// One machine, its console on the terminal
    #[command(after_help = examples::RUN)]
    Run(RunArgs),
    /// A machine for gdb to attach to, forward and back in time
    #[command(after_help = examples::GDB)]
    Gdb(GdbArgs),
    /// The state of a machine at a moment, as a tree
    #[command(after_help = examples::INSPECT)]
    Inspect(InspectArgs),
    /// The first event at which two runs part, and their counters side by side
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// An untrusted guest tries; contained or not
    #[command(after_help = examples::ATTACK)]
    Attack(AttackArgs),
    /// A parameter against a result
    #[command(after_help = examples::SWEEP)]
    Sweep(SweepArgs),
    /// Lessons: check, grade, look at, begin
    #[command(after_help = examples::LESSON)]
    Lesson(LessonArgs),
    /// Completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// The manual pages
    #[command(after_help = examples::MAN)]
    Man(ManArgs),
}

/// Where images are, what a cycle costs, and how many machines run at once.
#[derive(Args, Clone, Debug, Default)]
pub struct Common {
    /// Folder of the guests' ELF images [default: target/guests of the workspace]
    #[arg(long, value_name = "DIR", env = "EXITLESS_GUESTS")]
    pub guests: Option<PathBuf>,
    /// Cost preset [default: the scenario's]
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,
    /// Sets one constant of the preset; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub sets: Vec<String>,
    /// Multiplies every VM-exit cost of the preset (0, 0.5, 2, ...)
    #[arg(long, value_name = "X")]
    pub exit_cost_scale: Option<Ratio>,
    /// Seed of the peer and of every random choice [default: the scenario's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Machines that run at the same time
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub jobs: usize,
    /// Prints JSON
    #[arg(long)]
    pub json: bool,
}

/// The least bound of the wire, in packets a second: below it a window holds too little.
pub const LEAST_PACKET_RATE: u64 = 1_000;

/// What is measured.
#[derive(Args, Clone, Debug, Default)]
pub struct Measured {
    /// Scenario file [default: examples/scenarios/compare.toml]
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// A workload of the scenario, or `all` [default: its first]
    #[arg(long, value_name = "NAME|all")]
    pub workload: Option<String>,
    /// Modes of the scenario, separated by commas [default: all]
    #[arg(long, value_name = "MODE,...", value_delimiter = ',')]
    pub modes: Vec<String>,
    /// The scenario's parameter `message-size`
    #[arg(long, value_name = "BYTES")]
    pub message_size: Option<String>,
    /// The scenario's parameter `moderation`
    #[arg(long, value_name = "HOW")]
    pub moderation: Option<String>,
    /// Packets a second on the wire, each way, at most [default: what 10 Gb/s carries]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(LEAST_PACKET_RATE..))]
    pub packet_rate: Option<u64>,
    /// Virtual time measured [default: the scenario's]
    #[arg(long, value_name = "MS")]
    pub window_ms: Option<u64>,
    /// Virtual time before that [default: the scenario's]
    #[arg(long, value_name = "MS")]
    pub warmup_ms: Option<u64>,
}

/// `exitless compare`.
#[derive(Args, Clone, Debug, Default)]
pub struct CompareArgs {
    /// Costs, images, jobs.
    #[command(flatten)]
    pub common: Common,
    /// What is measured.
    #[command(flatten)]
    pub measured: Measured,
    /// Writes each machine's run in a format of another tool, into FILE with workload and mode
    /// before its ending; may be repeated
    #[arg(long = "trace", value_name = "FORMAT=FILE")]
    pub traces: Vec<TraceTo>,
    /// Prints the tables in Markdown, for a report
    #[arg(long, conflicts_with_all = ["json", "verbose"])]
    pub markdown: bool,
    /// Prints every constant with its kind and source
    #[arg(long, short)]
    pub verbose: bool,
}

/// Which machine: a scenario of one machine or of several, or an image.
#[derive(Args, Clone, Debug, Default)]
pub struct MachineArgs {
    /// Scenario: a file, or the name of one in examples/scenarios
    #[arg(conflicts_with_all = ["elf", "kernel"])]
    pub scenario: Option<PathBuf>,
    /// Boots this ELF64 image instead
    #[arg(long, value_name = "FILE")]
    pub elf: Option<PathBuf>,
    /// Boots this kernel instead: a Linux bzImage (by its 64-bit entry), multiboot 1 or 2, or plain ELF, by its headers
    #[arg(long, value_name = "FILE", conflicts_with = "elf")]
    pub kernel: Option<PathBuf>,
    /// The kernel's initial RAM disk: its first module
    #[arg(long, value_name = "FILE", requires = "kernel")]
    pub initrd: Option<PathBuf>,
    /// A module and its command line, separated by the first space; may be repeated
    #[arg(long = "module", value_name = "FILE [CMDLINE]", conflicts_with = "scenario")]
    pub modules: Vec<String>,
    /// A workload of a comparison [default: its first]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["elf", "kernel"])]
    pub workload: Option<String>,
    /// A mode of a comparison [default: its first]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["elf", "kernel"])]
    pub mode: Option<String>,
    /// Appended to the image's command line
    #[arg(long, value_name = "S")]
    pub append: Option<String>,
    /// Memory, e.g. `256 MiB` [default: the scenario's; 128 MiB for an image, 512 MiB for a kernel]
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<Bytes>,
    /// Logical processors, 1 to 8 [default: the scenario's; 1 for an image or a kernel]
    #[arg(long, value_name = "N")]
    pub cpus: Option<u8>,
    /// which features the processors have: nehalem-x2apic, nehalem, haswell, skylake-server or max [default: the scenario's]
    #[arg(long, value_name = "MODEL")]
    pub cpu: Option<String>,
    /// Costs, images, jobs.
    #[command(flatten)]
    pub common: Common,
}

/// `exitless run`.
#[derive(Args, Clone, Debug, Default)]
pub struct RunArgs {
    /// Which machine.
    #[command(flatten)]
    pub machine: MachineArgs,
    /// Writes the run in a format of another tool, e.g. perfetto=run.pftrace; may be repeated
    #[arg(long = "trace", value_name = "FORMAT=FILE")]
    pub traces: Vec<TraceTo>,
    /// Prints `perf kvm stat`'s table of VM exits at the end
    #[arg(long, conflicts_with = "json")]
    pub perf_kvm: bool,
    /// Virtual time after which the run fails with exit code 42, e.g. `500ms`
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<Duration>,
    /// Begins again from power-on when the guest resets the machine, instead of ending there
    #[arg(long, conflicts_with_all = ["traces", "perf_kvm"])]
    pub restart: bool,
}

/// `exitless gdb`.
#[derive(Args, Clone, Debug, Default)]
pub struct GdbArgs {
    /// Which machine.
    #[command(flatten)]
    pub machine: MachineArgs,
    /// Where gdb connects to; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:1234")]
    pub listen: String,
    /// Ends after the first connection
    #[arg(long)]
    pub once: bool,
}

/// `exitless inspect`.
#[derive(Args, Clone, Debug, Default)]
pub struct InspectArgs {
    /// Which machine.
    #[command(flatten)]
    pub machine: MachineArgs,
    /// The moment: nic:17, nic:17/exit.1, t=1204.318us, #12345
    #[arg(long, value_name = "MOMENT")]
    pub at: String,
    /// A part of the tree, e.g. cpu0/VMCS; the beginnings of names do
    #[arg(long, value_name = "PATH")]
    pub part: Option<String>,
    /// Virtual time after which the moment is given up [default: 1s]
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<Duration>,
}

/// `exitless diff`.
#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// One run: a scenario, then workload, mode, seed, preset, exit-cost-scale or append
    #[arg(value_name = "SCENARIO[,KEY=VALUE...]")]
    pub a: String,
    /// The other run
    #[arg(value_name = "SCENARIO[,KEY=VALUE...]")]
    pub b: String,
    /// Virtual time to compare
    #[arg(long, value_name = "TIME", default_value = "20ms")]
    pub until: Duration,
    /// Costs, images, jobs.
    #[command(flatten)]
    pub common: Common,
}

/// `exitless completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// For which shell
    pub shell: clap_complete::Shell,
}

/// `exitless man`.
#[derive(Args, Clone, Debug, Default)]
pub struct ManArgs {
    /// Writes a page for each command into this folder, instead of the first to stdout
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `exitless attack`.
#[derive(Args, Clone, Debug, Default)]
pub struct AttackArgs {
    /// The attack's name
    #[arg(required_unless_present_any = ["all", "list"], conflicts_with_all = ["all", "list"])]
    pub name: Option<String>,
    /// Every attack of the scenario
    #[arg(long, conflicts_with = "list")]
    pub all: bool,
    /// Lists them
    #[arg(long)]
    pub list: bool,
    /// Scenario file [default: examples/scenarios/attacks.toml]
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Costs, images, jobs.
    #[command(flatten)]
    pub common: Common,
}

/// `exitless sweep`.
#[derive(Args, Clone, Debug, Default)]
pub struct SweepArgs {
    /// `exit-cost`, `packet-rate`, or a parameter of the scenario
    #[arg(long, value_name = "NAME")]
    pub parameter: String,
    /// Its values, separated by commas
    #[arg(long, value_name = "A,B,...", value_delimiter = ',', required = true)]
    pub values: Vec<String>,
    /// Only the values whose turn it is: the I-th of N machines, from 1
    #[arg(long, value_name = "I/N")]
    pub shard: Option<String>,
    /// Costs, images, jobs.
    #[command(flatten)]
    pub common: Common,
    /// What is measured.
    #[command(flatten)]
    pub measured: Measured,
}

/// `exitless lesson`.
#[derive(Args, Clone, Debug)]
pub struct LessonArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LessonCommand,
    /// Folder of the guests' ELF images [default: target/guests of the workspace]
    #[arg(long, value_name = "DIR", env = "EXITLESS_GUESTS", global = true)]
    pub guests: Option<PathBuf>,
    /// Folder of the scenarios [default: examples/scenarios of the workspace]
    #[arg(long, value_name = "DIR", global = true)]
    pub scenarios: Option<PathBuf>,
}

/// What to do with lessons.
#[derive(Clone, Debug, Subcommand)]
pub enum LessonCommand {
    /// Runs what the teacher's note claims: the solution passes; the untouched start, a run without traffic
    /// and each misconception fail, with their own feedback. Or checks one student's answers
    #[command(after_help = examples::LESSON_CHECK)]
    Check {
        /// The lesson
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// A report or answers (JSON) to check instead
        #[arg(long, value_name = "FILE")]
        answers: Option<PathBuf>,
        /// Prints every clause with its values
        #[arg(long, short)]
        verbose: bool,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Runs every report of a folder again
    #[command(after_help = examples::LESSON_GRADE)]
    Grade {
        /// Folder of reports (JSON)
        folder: PathBuf,
        /// Folder of the lessons [default: examples/lessons of the workspace]
        #[arg(long, value_name = "DIR")]
        lessons: Option<PathBuf>,
        /// Prints comma-separated values
        #[arg(long)]
        csv: bool,
    },
    /// Reads a lesson and holds it against its scenario; runs nothing
    #[command(after_help = examples::LESSON_LINT)]
    Lint {
        /// The lessons
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Shows a lesson as text
    #[command(after_help = examples::LESSON_PREVIEW)]
    Preview {
        /// The lesson
        file: PathBuf,
        /// Shows it again whenever the file changes
        #[arg(long)]
        watch: bool,
    },
    /// Begins a lesson: NAME.md, which passes `lint`
    #[command(after_help = examples::LESSON_NEW)]
    New {
        /// Its name: small letters, digits and hyphens
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_examples_that_it_takes() {
        let cli = Cli::command();
        let deeper = cli.get_subcommands().flat_map(clap::Command::get_subcommands);
        for command in cli.get_subcommands().chain(deeper) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines: Vec<_> = help.lines().filter_map(|l| l.trim().strip_prefix("exitless ")).collect();
            assert!(!lines.is_empty(), "{} has no example", command.get_name());
            for line in lines {
                let words = line.split(" > ").next().unwrap_or_default().split(' ');
                let parsed = Cli::try_parse_from(std::iter::once("exitless").chain(words));
                assert!(
                    parsed.is_ok(),
                    "{line}: {}",
                    parsed.err().map(|e| e.to_string()).unwrap_or_default()
                );
            }
        }
    }

    #[test]
    fn an_attack_needs_a_name_or_all_or_list() {
        assert!(Cli::try_parse_from(["exitless", "attack"]).is_err());
        assert!(Cli::try_parse_from(["exitless", "attack", "--all", "--list"]).is_err());
        assert!(Cli::try_parse_from(["exitless", "attack", "--all", "--json"]).is_ok());
    }

    #[test]
    fn run_takes_a_scenario_or_an_image_not_both() {
        assert!(Cli::try_parse_from(["exitless", "run", "a.toml", "--elf", "b"]).is_err());
        assert!(Cli::try_parse_from(["exitless", "run", "--elf", "b", "--memory", "64 MiB"]).is_ok());
    }

    #[test]
    fn a_size_without_a_unit_is_refused_with_what_was_expected() {
        let error = Cli::try_parse_from(["exitless", "run", "--elf", "b", "--memory", "64"]).unwrap_err();
        assert!(error.to_string().contains("KiB, MiB or GiB"), "{error}");
    }
}
