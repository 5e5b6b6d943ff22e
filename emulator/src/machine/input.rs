//! What someone outside may change while a machine runs.
//!
//! An input takes effect between two instructions and is recorded, so the same inputs at the same
//! virtual times give the same history.

use std::fmt;

use super::Machine;
use crate::time::{CostModel, Time};
use crate::trace::{Kind, LifeId};

/// One input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// From now on exits and entries cost this fraction of what the preset says, unscaled.
    ExitCostScale {
        /// Numerator.
        numerator: u32,
        /// Denominator; 0 counts as 1.
        denominator: u32,
    },
    /// From now on the peer thinks so long before each request.
    Turnaround(Time),
    /// From now on each lane of the wire takes at most so many packets a second; 0 is no bound.
    PacketRate(u64),
    /// A byte arrives at COM1; lost if its FIFO is full, as on a line.
    Console(u8),
}

/// Why a key and a value are no input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputError {
    /// No input has that key.
    Key(String),
    /// The value is beyond what the key takes.
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        value: u64,
    },
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InputError::Key(key) => {
                write!(f, "no input is called `{key}`; expected one of {}", Input::KEYS.join(", "))
            }
            InputError::Value { key, value } => write!(f, "input `{key}` cannot be {value}"),
        }
    }
}

impl std::error::Error for InputError {}

impl Input {
    /// Every key, in the order of its number in a record.
    pub const KEYS: [&'static str; 4] = ["exit-cost", "turnaround", "console", "packet-rate"];

    /// The input of that key and value, as [`Input::key`] and [`Input::value`] give them.
    pub fn new(key: &str, value: u64) -> Result<Input, InputError> {
        match key {
            "exit-cost" => {
                Ok(Input::ExitCostScale { numerator: (value >> 32) as u32, denominator: value as u32 })
            }
            "turnaround" => Ok(Input::Turnaround(Time(value))),
            "packet-rate" => Ok(Input::PacketRate(value)),
            "console" => {
                let byte = u8::try_from(value);
                byte.map(Input::Console).map_err(|_| InputError::Value { key: "console", value })
            }
            _ => Err(InputError::Key(key.to_string())),
        }
    }

    fn number(self) -> u64 {
        match self {
            Input::ExitCostScale { .. } => 0,
            Input::Turnaround(_) => 1,
            Input::Console(_) => 2,
            Input::PacketRate(_) => 3,
        }
    }

    /// What it is called.
    pub fn key(self) -> &'static str {
        Input::KEYS[self.number() as usize]
    }

    /// Its value: numerator << 32 | denominator, picoseconds, the byte, or packets a second.
    pub fn value(self) -> u64 {
        match self {
            Input::ExitCostScale { numerator, denominator } => {
                u64::from(numerator) << 32 | u64::from(denominator)
            }
            Input::Turnaround(time) => time.0,
            Input::Console(byte) => byte.into(),
            Input::PacketRate(per_second) => per_second,
        }
    }
}

impl Machine {
    /// Lets an input take effect here, before the next instruction, and records it.
    pub fn input(&mut self, input: Input) {
        let now = self.now();
        self.board.trace.record(0, now, Kind::Input, LifeId::NONE, input.number(), input.value());
        match input {
            Input::ExitCostScale { numerator, denominator } => {
                let mut preset = self.preset.clone();
                preset.scale_exit_costs(numerator.into(), denominator.into());
                self.board.cost = CostModel::new(&preset);
            }
            Input::Turnaround(time) => self.board.peer.set_turnaround(time),
            Input::PacketRate(per_second) => self.board.wire.set_packet_rate(per_second),
            Input::Console(byte) => {
                self.board.platform.uart.receive(byte);
                let now = self.board.bus_time(now);
                self.board.look_at_lines(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_value_are_the_input_they_came_from() {
        let inputs = [
            Input::ExitCostScale { numerator: 1, denominator: 2 },
            Input::Turnaround(Time::us(7)),
            Input::Console(b'x'),
            Input::PacketRate(100_000),
        ];
        for input in inputs {
            assert_eq!(Input::new(input.key(), input.value()), Ok(input));
        }
        let text = Input::new("speed", 1).unwrap_err().to_string();
        assert!(
            text.contains("`speed`") && text.contains("exit-cost, turnaround, console, packet-rate"),
            "{text}"
        );
        assert_eq!(Input::new("console", 256), Err(InputError::Value { key: "console", value: 256 }));
    }
}
