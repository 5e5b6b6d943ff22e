//! How far to run, and why a run ended.

use std::fmt;

use crate::time::Time;

/// How far to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Not beyond this time.
    pub until: Time,
    /// Not more instructions than this.
    pub instructions: u64,
}

impl Budget {
    /// Until a time, whatever the instructions.
    pub fn until(until: Time) -> Budget {
        Budget { until, instructions: u64::MAX }
    }

    /// At most so many instructions.
    pub fn instructions(instructions: u64) -> Budget {
        Budget { until: Time::NEVER, instructions }
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The budget is used up.
    Budget,
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
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Budget => f.write_str("the time or instruction limit was reached"),
            Stop::Exit { code } => write!(f, "the guest exited with code {code:#x}"),
            Stop::TripleFault { rip } => write!(f, "triple fault at RIP {rip:#x}: the processor shut down"),
            Stop::Halted { rip } => {
                write!(f, "halted for ever at RIP {rip:#x}: interrupts are off or nothing can raise one")
            }
            Stop::PowerOff => f.write_str("the guest powered the machine off"),
            Stop::Reset => f.write_str("the guest reset the machine"),
        }
    }
}
