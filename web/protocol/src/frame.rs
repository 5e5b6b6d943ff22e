//! What the worker answers.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{
    Alignment, CodeView, Input, InspectView, Knob, LifeView, LogView, PlotView, Scene, Selection, SideSetup,
    TimelineView, Why,
};

/// A file that was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The number of the command that asked for it.
    pub serial: u32,
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Everything that the page shows now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The number of the last command that is answered here, from 1.
    pub serial: u32,
    /// What the machines are doing.
    pub state: RunState,
    /// What is selected, and how the machines are aligned.
    pub selection: Selection,
    /// How the machines are set beside each other.
    pub alignment: Alignment,
    /// One for each machine.
    pub sides: Vec<SideFrame>,
    /// The session's title, knobs and sides' names: only when they changed.
    pub session: Option<Session>,
    /// The bill for the selected interrupt, both sides, when both have it.
    pub bill: Option<Bill>,
    /// Something to say.
    pub notice: Option<Notice>,
    /// The inputs so far: only when they changed.
    pub journal: Option<Vec<Input>>,
    /// A file that was asked for.
    pub file: Option<File>,
    /// Trace and state hash of each machine, when asked for.
    pub hashes: Option<Vec<(u64, u64)>>,
    /// Bytes of history that the worker keeps.
    pub history_bytes: u64,
    /// What is asked for, or what the guest does, needs the worker that leaves nothing out.
    pub wants_whole: bool,
}

/// What a session is, for the page's words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The scenario's title.
    pub title: String,
    /// The workload's title.
    pub workload: String,
    /// The result's unit, e.g. `Gb/s`.
    pub unit: String,
    /// Whether a smaller result is the better one.
    pub less_is_better: bool,
    /// One for each machine.
    pub sides: Vec<SideSetup>,
    /// What may be turned.
    pub knobs: Vec<Knob>,
    /// The seed.
    pub seed: u64,
    /// The workloads and modes that there are: name and title.
    pub workloads: Vec<(String, String)>,
    /// Modes.
    pub modes: Vec<(String, String)>,
}

/// What the machines are doing. There is one state for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunState {
    /// Nothing is loaded.
    #[default]
    Idle,
    /// A long job: making a run again, going to a moment.
    Busy(Progress),
    /// Running.
    Running,
    /// Paused at a moment.
    Paused,
    /// The machine in focus ended, and how.
    Halted(String),
    /// What was loaded cannot run, and why.
    Fault(String),
}

/// How far a long job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub what: String,
    /// Out of 1,000.
    pub permille: u16,
}

/// One machine now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SideFrame {
    /// Virtual time.
    pub time: u64,
    /// Events so far: the next one has this index.
    pub event: u64,
    /// The end of what is recorded: time and events (beyond now after a step back).
    pub end: (u64, u64),
    /// Instructions retired.
    pub retired: u64,
    /// Where it is: linear RIP and the symbol there.
    pub rip: u64,
    /// `symbol+0x12`, when there is one.
    pub symbol: String,
    /// Counters.
    pub counts: Counts,
    /// The picture.
    pub scene: Scene,
    /// The selected interrupt's life.
    pub life: Option<LifeView>,
    /// The timeline, when open.
    pub timeline: Option<TimelineView>,
    /// The log, when open.
    pub log: Option<LogView>,
    /// State trees, when open.
    pub inspect: Option<InspectView>,
    /// Code around RIP, when open.
    pub code: Option<CodeView>,
    /// Plots, when open.
    pub plots: Option<PlotView>,
    /// Why the selected exit happened.
    pub why: Option<Why>,
    /// The latest that the console said, at most 4 KiB.
    pub console: String,
}

/// Counters since power-on, and rates over the last virtual milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// The result in the workload's unit over the steady run so far.
    pub result: Option<f64>,
    /// The result as a percentage of a bare-metal run with the same settings, when there is one.
    pub percent_of_reference: Option<f64>,
    /// VM exits a second.
    pub exits_per_second: f64,
    /// Device interrupts a second.
    pub interrupts_per_second: f64,
    /// VM exits so far.
    pub exits: u64,
    /// Device interrupts so far.
    pub interrupts: u64,
    /// Exits that device interrupts caused.
    pub own_exits: u64,
    /// EOIs so far.
    pub eois: u64,
    /// Verified bytes so far.
    pub bytes: u64,
    /// Verified operations so far.
    pub operations: u64,
    /// Percent of the time outside the host.
    pub time_in_guest: f64,
    /// Exits by reason, most frequent first: name and count.
    pub by_reason: Vec<(String, u64)>,
    /// Exits by cause.
    pub by_cause: Vec<(String, u64)>,
}

/// What the selected interrupt costs on each side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// Picoseconds lost to the host in this interrupt's life, by side.
    pub lost: Vec<u64>,
    /// How often a second this happens, by side.
    pub per_second: Vec<f64>,
}

/// Something to say to the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// One sentence.
    pub text: String,
    /// Whether something went wrong.
    pub wrong: bool,
    /// The command that it is about, or the last before it.
    pub serial: u32,
}
