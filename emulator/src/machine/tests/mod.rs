//! The board without a processor that runs: messages and lines to the local APICs.

mod external;
mod lines;
mod routing;

use super::{Board, Config};
use crate::time::Time;

/// A board of `cpus` processors, whose local APICs are in x2APIC mode and enabled.
fn board(cpus: u8) -> Board {
    let mut board = Board::new(&Config { cpus, ..Config::default_pc() });
    for cpu in 0..cpus {
        let bootstrap = u64::from(cpu == 0) << 8;
        for (index, value) in [(0x1b, 0xfee0_0c00 | bootstrap), (0x80f, 0x1ff)] {
            board.apic_write(cpu, Time::ZERO, index, value, false).expect("a legal write");
        }
    }
    board
}
