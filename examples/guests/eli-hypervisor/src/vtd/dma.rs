//! DMA remapping: root table, context table, second-level tables. VT-d 3.4, 3.7, 9.1 to 9.8.

use super::Unit;
use super::queue::Queue;
use super::spec::*;
use core::ops::Range;
use kit::frames::{Frames, LARGE_PAGE, PAGE};

/// The guest's domain; 0 is left alone (VT-d 6.1: with caching mode it tags faulty entries).
const DOMAIN: u64 = 1;
const READ_WRITE: u64 = PAGE_READ | PAGE_WRITE;

/// Lets `nic` (its source-id) reach `memory` as guest-physical 0 and up, and every other device nothing.
pub fn start(
    unit: &Unit,
    queue: &mut Queue,
    nic: u16,
    memory: Range<u64>,
    frames: &mut Frames,
) -> Result<(), &'static str> {
    let wanted = CAP_SAGAW_48 | CAP_LARGE_PAGES;
    if unit.capability & wanted != wanted {
        return Err("VT-d: expected four-level tables with 2 MiB pages");
    }
    let root = tables(nic, memory, frames).ok_or("VT-d: no memory for DMA tables")?;
    unit.registers.write64(RTADDR, root);
    enable(unit, queue).ok_or("VT-d: DMA remapping does not start")
}

/// VT-d 6.6: after the root pointer is set, the context cache and then the IOTLB are invalidated.
fn enable(unit: &Unit, queue: &mut Queue) -> Option<()> {
    unit.command(GCMD_SRTP)?;
    queue.run(unit, INVALIDATE_CONTEXT_GLOBAL)?;
    queue.run(unit, INVALIDATE_IOTLB_GLOBAL)?;
    unit.command(GCMD_TE)
}

/// The root table, with a context table for the NIC's bus that has an entry for the NIC.
fn tables(nic: u16, memory: Range<u64>, frames: &mut Frames) -> Option<u64> {
    let root = frames.take(PAGE, PAGE)?;
    let context = frames.take(PAGE, PAGE)?;
    let top = second_level(memory, frames)?;
    let (bus, device_function) = (nic as u64 >> 8, nic as u64 & 0xFF);
    write(root, 2 * bus, context | ROOT_PRESENT);
    write(context, 2 * device_function, top | CONTEXT_PRESENT);
    write(context, 2 * device_function + 1, CONTEXT_WIDTH_48 | DOMAIN << CONTEXT_DOMAIN_SHIFT);
    Some(root)
}

/// Four levels down to 2 MiB pages.
fn second_level(memory: Range<u64>, frames: &mut Frames) -> Option<u64> {
    let top = frames.take(PAGE, PAGE)?;
    let pointers = frames.take(PAGE, PAGE)?;
    write(top, 0, pointers | READ_WRITE);
    let mut directory = 0;
    for page in 0..(memory.end - memory.start) / LARGE_PAGE {
        if page.is_multiple_of(512) {
            directory = frames.take(PAGE, PAGE)?;
            write(pointers, page / 512, directory | READ_WRITE);
        }
        write(directory, page % 512, (memory.start + page * LARGE_PAGE) | READ_WRITE | PAGE_LARGE);
    }
    Some(top)
}

/// Writes the 64-bit word `index` of `table`.
fn write(table: u64, index: u64, value: u64) {
    // SAFETY: `table` is a page this module took, and `index` is below 512.
    unsafe { (table as *mut u64).add(index as usize & 511).write_volatile(value) };
}
