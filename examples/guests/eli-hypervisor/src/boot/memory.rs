//! The host's address space: identity-mapped.
//!
//! | range | write | execute |
//! |---|---|---|
//! | text | no | yes |
//! | read-only data | no | no |
//! | data, boot stack, other RAM, firmware tables | yes | no |
//! | device registers (uncached) | yes | no |

use crate::acpi::Drhd;
use crate::console::IO_APIC;
use crate::device::Port;
use kit::entry::image;
use kit::frames::{Frames, PAGE};
use kit::paging::{NO_EXECUTE, PageTables, UNCACHED, WRITABLE};
use kit::start_info::{MEMORY_RAM, StartInfo};

unsafe extern "C" {
    static rodata_start: u8;
    static data_start: u8;
}

const DATA: u64 = WRITABLE | NO_EXECUTE;

/// Builds the tables and loads CR3. `None` when out of memory.
pub fn load_page_tables(
    info: &StartInfo,
    frames: &mut Frames,
    port: &Port,
    drhd: Option<&Drhd>,
) -> Option<()> {
    let mut tables = PageTables::new(frames)?;
    // The first MiB is firmware's, start info and ACPI tables among it.
    tables.identity_map(frames, 0, 1 << 20, DATA)?;
    for range in info.memory_map().iter().filter(|range| range.kind == MEMORY_RAM) {
        let start = range.addr.max(1 << 20);
        tables.identity_map(frames, start, range.addr.saturating_add(range.size), DATA)?;
    }
    let (text, end) = image();
    let (rodata, data) = (&raw const rodata_start as u64, &raw const data_start as u64);
    tables.identity_map(frames, text, rodata, 0)?;
    tables.identity_map(frames, rodata, data, NO_EXECUTE)?;
    tables.identity_map(frames, data, end, DATA)?;
    let vtd = drhd.map(|drhd| drhd.base..drhd.base + PAGE);
    for window in port.windows().into_iter().chain(vtd).chain([IO_APIC..IO_APIC + PAGE]) {
        tables.identity_map(frames, window.start, window.end, DATA | UNCACHED)?;
    }
    // SAFETY: the tables map everything in use, to itself, with the rights it needs.
    unsafe { kit::cpu::write_cr3(tables.root()) };
    Some(())
}
