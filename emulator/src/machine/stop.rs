//! How far to run, and why a run ended.

use std::fmt;

use crate::time::Time;

/// How far to run: to the first instruction boundary at which any of these is reached. Cutting a run
/// anywhere never shows in its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Not beyond this time.
    pub until: Time,
    /// Not more instructions than this, from here.
    pub instructions: u64,
    /// Not beyond a boundary at which at least so many records have been made since power-on.
    pub events: u64,
}

impl Budget {
    /// No limit: until the machine stops by itself.
    pub const UNLIMITED: Budget = Budget { until: Time::NEVER, instructions: u64::MAX, events: u64::MAX };

    /// Until a time, whatever the instructions.
    pub const fn until(until: Time) -> Budget {
        Budget { until, ..Budget::UNLIMITED }
    }

    /// At most so many instructions.
    pub const fn instructions(instructions: u64) -> Budget {
        Budget { instructions, ..Budget::UNLIMITED }
    }

    /// Until so many records have been made since power-on.
    pub const fn events(events: u64) -> Budget {
        Budget { events, ..Budget::UNLIMITED }
    }

    /// The same, and not beyond a time.
    #[must_use]
    pub const fn and_until(self, until: Time) -> Budget {
        Budget { until, ..self }
    }

    /// The same, and at most so many instructions.
    #[must_use]
    pub const fn and_instructions(self, instructions: u64) -> Budget {
        Budget { instructions, ..self }
    }

    /// The same, and not beyond so many records since power-on.
    #[must_use]
    pub const fn and_events(self, events: u64) -> Budget {
        Budget { events, ..self }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The budget is used up.
    Budget,
    /// A debugger's breakpoint is at a processor's next instruction, and has not been passed on
    /// ([`Machine::set_breakpoints`](super::Machine::set_breakpoints)).
    Breakpoint {
        /// The processor.
        cpu: u8,
        /// Where.
        rip: u64,
    },
    /// The guest wrote the debug exit port.
    Exit {
        /// What it wrote.
        code: u32,
    },
    /// A triple fault.
    TripleFault {
        /// Where.
        rip: u64,
    },
    /// Every processor is halted and nothing can wake one.
    Halted {
        /// Where the first one is.
        rip: u64,
    },
    /// Soft off (S5).
    PowerOff,
    /// The guest reset the machine.
    Reset,
    /// What comes next this build leaves out (one of the crate's features): the whole machine goes on from here.
    LeftOut,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Budget => f.write_str("the time, instruction or event limit was reached"),
            Stop::Breakpoint { cpu, rip } => write!(f, "a breakpoint at RIP {rip:#x} of processor {cpu}"),
            Stop::Exit { code } => write!(f, "the guest exited with code {code:#x}"),
            Stop::TripleFault { rip } => write!(f, "triple fault at RIP {rip:#x}: the processor shut down"),
            Stop::Halted { rip } => {
                write!(f, "halted for ever at RIP {rip:#x}: interrupts are off or nothing can raise one")
            }
            Stop::PowerOff => f.write_str("the guest powered the machine off"),
            Stop::Reset => f.write_str("the guest reset the machine"),
            Stop::LeftOut => f.write_str("what comes next needs a build that leaves nothing out"),
        }
    }
}
