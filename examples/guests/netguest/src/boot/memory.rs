//! The address space: identity-mapped, with ring 3 confined to the text, the read-only data and its arena.
//!
//! | range | ring 3 | write | execute |
//! |---|---|---|---|
//! | text | yes | no | yes |
//! | read-only data | yes | no | no |
//! | arena | yes | yes | no |
//! | data, boot stack, other RAM | no | yes | no |
//! | device registers (uncached) | no | yes | no |

use crate::nic::pci::Port;
use core::ops::Range;
use kit::entry::image;
use kit::frames::{Frames, PAGE};
use kit::paging::{NO_EXECUTE, PageTables, UNCACHED, USER, WRITABLE};
use kit::start_info::{MEMORY_RAM, StartInfo};

unsafe extern "C" {
    static rodata_start: u8;
    static data_start: u8;
}

const KERNEL_DATA: u64 = WRITABLE | NO_EXECUTE;

/// Builds the tables and loads CR3.
pub fn load_page_tables(info: &StartInfo, frames: &mut Frames, arena: Range<u64>, port: &Port) {
    let tables = build(info, frames, arena, port).expect("no memory for page tables");
    // SAFETY: the tables map everything in use, to itself, with the rights it needs.
    unsafe { kit::cpu::write_cr3(tables.root()) };
}

fn build(info: &StartInfo, frames: &mut Frames, arena: Range<u64>, port: &Port) -> Option<PageTables> {
    let mut tables = PageTables::new(frames)?;
    // Page 0 stays unmapped, so that a null pointer faults. What firmware keeps is not needed any more.
    for range in info.memory_map().iter().filter(|range| range.kind == MEMORY_RAM) {
        tables.identity_map(
            frames,
            range.addr.max(PAGE),
            range.addr.saturating_add(range.size),
            KERNEL_DATA,
        )?;
    }
    let (text, end) = image();
    let (rodata, data) = (&raw const rodata_start as u64, &raw const data_start as u64);
    tables.identity_map(frames, text, rodata, USER)?;
    tables.identity_map(frames, rodata, data, USER | NO_EXECUTE)?;
    tables.identity_map(frames, data, end, KERNEL_DATA)?;
    tables.identity_map(frames, arena.start, arena.end, USER | WRITABLE | NO_EXECUTE)?;
    for window in port.windows() {
        tables.identity_map(frames, window.start, window.end, KERNEL_DATA | UNCACHED)?;
    }
    Some(tables)
}
