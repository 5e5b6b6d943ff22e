//! From the boot loader's world to the host's own: memory, page tables, descriptor tables, the local APIC.

mod memory;
mod processor;

use crate::device::Port;
use crate::options::Options;
use crate::{acpi, vectors};
use core::ops::Range;
use kit::frames::{Frames, LARGE_PAGE, PAGE};
use kit::start_info::{MEMORY_RAM, Module, StartInfo};
use kit::{entry, println};

/// Memory is taken below this address: where the platform's devices begin.
const MEMORY_LIMIT: u64 = 0xB000_0000;
/// The host's heap.
const HEAP_SIZE: u64 = 256 << 10;

/// What boot hands on.
pub struct Boot {
    /// The command line's settings.
    pub options: Options,
    /// Memory left over.
    pub frames: Frames,
    /// The guest's NIC.
    pub port: Port,
    /// The VT-d unit, if firmware reports one.
    pub drhd: Option<acpi::Drhd>,
    /// Memory for the guest: zeroed, aligned to 2 MiB, and not at physical address 0.
    pub guest_memory: Range<u64>,
    /// The guest's image.
    pub guest: Module,
}

/// Takes the machine over. Interrupts stay off.
pub fn start(start_info: u64) -> Result<Boot, &'static str> {
    // SAFETY: the address is what the loader handed over; it lies in memory that `Frames` leaves alone.
    let info = unsafe { StartInfo::from_paddr(start_info) }.ok_or("no start info")?;
    let options = Options::parse(info.command_line()).map_err(|word| {
        println!("eli-hypervisor: the command line has {word:?}");
        "expected mode=baseline|eli-delivery|eli, and without= with the names in options.rs"
    })?;
    let mut frames = Frames::from_start_info(info, entry::image(), MEMORY_LIMIT);
    let port = Port::find().ok_or("no 82599 on bus 0")?;
    let drhd = acpi::find_drhd(info.rsdp_paddr);
    let guest = *info.modules().first().ok_or("no module: expected the guest's ELF image")?;

    let size = guest_size(info, &options);
    let start = frames.take(size, LARGE_PAGE).ok_or("not enough memory for the guest (guest_mib=)")?;
    let heap = frames.take(HEAP_SIZE, PAGE).ok_or("no memory for the heap")?;
    processor::load_descriptor_tables();
    memory::load_page_tables(info, &mut frames, &port, drhd.as_ref()).ok_or("no memory for page tables")?;
    // SAFETY: the range is RAM, mapped writable by the tables just loaded, and nobody else's.
    unsafe { crate::HEAP.init(heap, HEAP_SIZE) };
    kit::x2apic::enable(vectors::SPURIOUS);
    Ok(Boot { options, frames, port, drhd, guest_memory: start..start + size, guest })
}

/// The guest's memory in bytes, a multiple of 2 MiB: what is asked for, or half of the machine's.
fn guest_size(info: &StartInfo, options: &Options) -> u64 {
    let ram = info.memory_map().iter().filter(|range| range.kind == MEMORY_RAM);
    let top = ram.map(|range| range.addr.saturating_add(range.size)).filter(|end| *end <= MEMORY_LIMIT).max();
    let asked = match options.guest_mib {
        0 => top.unwrap_or(0) / 2,
        mib => mib << 20,
    };
    (asked / LARGE_PAGE).max(1) * LARGE_PAGE
}
