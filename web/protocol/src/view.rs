//! What each view shows.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Which views are open, and what they show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Views {
    /// The timeline.
    pub timeline: Option<TimelineWindow>,
    /// The log.
    pub log: Option<LogWindow>,
    /// The state trees whose groups are open, by path (`apic 0/irr`); empty: only the top level.
    pub inspect: Option<Vec<String>>,
    /// Lines of code around RIP.
    pub code: Option<u16>,
    /// Points of each plot.
    pub plots: Option<u16>,
}

// -- The picture ---------------------------------------------------------------------------------

/// The picture of one machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Where the processor is.
    pub place: Place,
    /// Vectors pending (IRR) and in service (ISR), highest first.
    pub irr: Vec<u8>,
    /// In service.
    pub isr: Vec<u8>,
    /// Things that travel.
    pub tokens: Vec<Token>,
    /// The name of what runs in the guest, when it is known: the handler's symbol.
    pub handler: String,
    /// One sentence on what is happening now.
    pub caption: String,
    /// Whether this machine has a host floor at all.
    pub has_host: bool,
    /// The link is up.
    pub link: bool,
}

/// Where a processor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In the guest's ordinary code (or, without a hypervisor, the system's).
    #[default]
    Guest,
    /// In the guest's interrupt handler.
    Handler,
    /// In the host.
    Host,
    /// Halted.
    Halted,
}

/// Something that travels in the picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Which life it belongs to; 0 for none.
    pub life: u32,
    /// The vector, once it is known.
    pub vector: Option<u8>,
    /// The step of its life at which it is.
    pub at: StepKind,
    /// The step that follows, when it is known already.
    pub next: Option<StepKind>,
    /// How far between them, out of 1,000.
    pub permille: u16,
}

/// What travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenKind {
    /// An interrupt.
    #[default]
    Interrupt,
    /// An EOI.
    Eoi,
    /// A frame from or to the wire.
    Packet,
    /// A VM exit or entry.
    Exit,
}

// -- One interrupt's life ------------------------------------------------------------------------

/// A step of a life, in the order of a life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StepKind {
    /// A packet came for it.
    #[default]
    Packet,
    /// The device raised it.
    Raised,
    /// The message left the device.
    Message,
    /// The IOMMU remapped it.
    Remapped,
    /// Pending in IRR.
    Pending,
    /// The guest was left for the host on its arrival.
    ArrivalExit,
    /// The host handles it.
    HostHandler,
    /// The host injects it.
    Injected,
    /// Through a gate of the IDT into the handler.
    Delivered,
    /// The handler works.
    Handler,
    /// EOI leaves the guest for the host.
    EoiExit,
    /// EOI.
    Eoi,
    /// The guest goes on.
    Resumed,
    /// It ended otherwise: coalesced, blocked, dropped.
    Ended,
}

/// A step with its event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifeStep {
    /// Which step.
    pub kind: StepKind,
    /// Its event.
    pub event: u64,
    /// When.
    pub time: u64,
    /// One plain sentence.
    pub text: String,
}

/// A stretch of a life on the life bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Device and DMA.
    #[default]
    Device,
    /// Pending: nobody has taken it yet.
    Pending,
    /// The host, on its arrival.
    Arrival,
    /// The guest's handler.
    Handler,
    /// The host, for its EOI.
    SignOff,
    /// The guest's own work, after it.
    Work,
    /// The host, for something else.
    Foreign,
}

/// One device interrupt from its cause to its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LifeView {
    /// Its number on this machine, from 1.
    pub number: u32,
    /// The vector that the processor took, and the one that the guest saw.
    pub vector: u8,
    /// The guest's vector.
    pub guest_vector: u8,
    /// Its steps.
    pub steps: Vec<LifeStep>,
    /// Stretches without a gap: phase, start and end, picoseconds; the last is work up to the next interrupt.
    pub phases: Vec<(Phase, u64, u64)>,
    /// Exits that it caused.
    pub exits: Vec<Exit>,
    /// From raised to the first instruction of the handler.
    pub latency: u64,
    /// Frames that it stood for: first and last, counted from power-on.
    pub packets: (u64, u64),
}

/// An exit that a life caused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Its event.
    pub event: u64,
    /// The exit reason's name.
    pub reason: String,
    /// Picoseconds from the exit to the entry after it.
    pub cost: u64,
}

/// Why an exit happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The exit's event.
    pub event: u64,
    /// One sentence.
    pub text: String,
    /// The control that decided it: VMCS field and bit, e.g. `Pin-based controls, bit 0: external-interrupt exiting`.
    pub control: String,
    /// Its value now.
    pub value: String,
    /// The manual's section.
    pub section: String,
    /// Whether the page can show what would happen without it.
    pub can_flip: bool,
}

// -- Timeline ------------------------------------------------------------------------------------

/// What a timeline shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineWindow {
    /// From, picoseconds.
    pub from: u64,
    /// To.
    pub to: u64,
    /// Columns, one a device-independent pixel; at most 4,096.
    pub columns: u16,
}

/// A lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lane {
    /// Guest or host.
    #[default]
    Processor,
    /// Interrupts, raised to taken.
    Interrupts,
    /// EOIs.
    Eois,
    /// The NIC: packets, DMA, doorbells.
    Nic,
    /// The IOMMU: remapped, faults, invalidations.
    Iommu,
    /// The local APIC: pending, acknowledged.
    Apic,
}

/// One stretch of a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// First column.
    pub column: u16,
    /// Columns.
    pub width: u16,
    /// For `Processor`: share of the host, out of 255 (halted time counts as neither). For others: how many events fall in it.
    pub amount: u32,
    /// For `Processor`: share of halted time, out of 255.
    pub halted: u8,
    /// When it is a single event: which.
    pub event: Option<u64>,
}

/// Lanes over a window: density where many events share a column, single events where few do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineView {
    /// The window that was asked for, in this machine's own time.
    pub window: TimelineWindow,
    /// How much later, in picoseconds, this machine's clock is than that of the machine in focus.
    pub shift: i64,
    /// Lane by lane.
    pub lanes: Vec<(Lane, Vec<Bucket>)>,
    /// Interrupts over the whole run, for the overview: 256 counts at most, and where the run ends.
    pub overview: (Vec<u16>, u64),
    /// Snapshot positions are not shown; whether the window holds less detail than was recorded.
    pub evicted: bool,
}

// -- Log -----------------------------------------------------------------------------------------

/// Which rows a log shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogWindow {
    /// The first row's place among the rows that pass the filter; `None` follows the selection.
    pub first: Option<u64>,
    /// Rows, at most 50.
    pub rows: u16,
    /// Kinds that are shown, a bit each (bit n: kind n); all ones shows everything.
    pub kinds: u64,
}

/// One event in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRow {
    /// Its index.
    pub event: u64,
    /// When.
    pub time: u64,
    /// The kind's number.
    pub kind: u8,
    /// The kind's short name.
    pub name: String,
    /// One plain sentence.
    pub text: String,
    /// The device interrupt's number, when it belongs to one.
    pub life: Option<u32>,
}

/// Rows of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogView {
    /// The first row's place.
    pub first: u64,
    /// How many rows pass the filter.
    pub total: u64,
    /// The rows.
    pub rows: Vec<LogRow>,
}

// -- Inspectors ----------------------------------------------------------------------------------

/// A row of a state tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The node's path, names joined by `/`.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Its value in words; empty for a group.
    pub value: String,
    /// How deep it is.
    pub depth: u8,
    /// Whether it is a group.
    pub group: bool,
    /// Whether its value changed with the last step.
    pub changed: bool,
}

/// State trees: the rows of open groups.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectView {
    /// In the tree's order.
    pub rows: Vec<Row>,
}

/// A line of code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeLine {
    /// Linear address.
    pub address: u64,
    /// The symbol that begins here.
    pub label: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The instruction.
    pub text: String,
    /// Whether a breakpoint is set.
    pub breakpoint: bool,
}

/// Code around RIP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    /// RIP.
    pub rip: u64,
    /// Whether this is the host's code.
    pub root: bool,
    /// In the order of addresses.
    pub lines: Vec<CodeLine>,
}

// -- Plots ---------------------------------------------------------------------------------------

/// A series over virtual time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Values at equal distances.
    pub values: Vec<f32>,
}

/// Plots over the whole run, and the distribution of latencies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlotView {
    /// From and to, picoseconds.
    pub span: (u64, u64),
    /// Throughput, exits/s, interrupts/s.
    pub series: Vec<Series>,
    /// Latency histogram: upper bounds in nanoseconds, and counts.
    pub latency: Vec<(u32, u32)>,
}
