//! What the page asks for.

use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{Alignment, Selection, Setup, Views};

/// What the page asks for. Each is answered by the next frame, which carries its serial number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Builds the machines and goes to the first moment.
    Load(Box<Setup>),
    /// Runs every machine until told otherwise, at so many virtual picoseconds per host second.
    Run {
        /// Picoseconds of virtual time in a second of the reader's; 0 runs as fast as it goes.
        speed: u64,
    },
    /// Stops where it is.
    Pause,
    /// One step of the machine in focus; the others follow by the alignment.
    Step {
        /// Which machine.
        side: u8,
        /// How far.
        step: Step,
        /// Backwards.
        back: bool,
    },
    /// Runs the machine in focus until something happens, at full speed.
    RunUntil {
        /// Which machine.
        side: u8,
        /// What.
        until: Until,
    },
    /// Goes to a moment: `nic:17/exit.1`, `t=1204.318us`, `#12345`.
    Seek {
        /// Which machine.
        side: u8,
        /// Where.
        anchor: String,
    },
    /// Selects, and goes there.
    Select(Selection),
    /// How the machines are set beside each other.
    Align(Alignment),
    /// Turns a knob: an input now, or another run from power-on, as the knob says.
    Set {
        /// The knob's key.
        key: String,
        /// Its new value.
        value: String,
    },
    /// Sets or clears a breakpoint.
    Break {
        /// Which machine.
        side: u8,
        /// Linear address.
        address: u64,
        /// Whether in VMX root operation (or without VMX).
        root: bool,
        /// Set or clear.
        on: bool,
    },
    /// Which views are open, and what they show.
    Watch(Box<Views>),
    /// Asks what would happen without the control that caused an exit: the run is made again with
    /// the hypervisor's knob turned, and the frame's notice says what came of it.
    WhatIfNot {
        /// Which machine.
        side: u8,
        /// The exit's event.
        event: u64,
    },
    /// The run in a format of another tool; answered by `Frame::file`.
    Export {
        /// Which machine.
        side: u8,
        /// Which format.
        format: Export,
    },
    /// The full state hash of a machine, answered by `Frame::hashes`.
    Hash,
}

/// How far a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// One instruction.
    Instruction,
    /// One instruction; forward, a call is run whole.
    Over,
    /// To the next event.
    Event,
    /// To the next VM exit.
    Exit,
    /// To the next device interrupt.
    Interrupt,
}

/// What a run waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Until {
    /// A device interrupt is raised.
    Interrupt,
    /// A VM exit.
    Exit,
    /// An EOI.
    Eoi,
    /// A vector becomes pending.
    Vector(u8),
    /// A symbol is reached.
    Symbol(String),
    /// A virtual time, picoseconds.
    Time(u64),
    /// A breakpoint.
    Breakpoint,
}

/// A format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Export {
    /// Perfetto's protobuf.
    Perfetto,
    /// Chrome's JSON.
    Chrome,
    /// `perf kvm stat`'s table.
    PerfKvm,
    /// Packets.
    Pcapng,
    /// Waveforms.
    Vcd,
    /// ftrace text.
    Ftrace,
    /// Collapsed stacks.
    Stacks,
}
