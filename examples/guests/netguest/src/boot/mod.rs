//! From the boot loader's world to the image's own: memory, page tables, descriptor tables, the local APIC.

mod memory;
mod processor;

pub use processor::SPURIOUS_VECTOR;

use crate::app::Arguments;
use crate::config::Config;
use crate::nic::pci::Port;
use kit::entry;
use kit::frames::{Frames, LARGE_PAGE, PAGE};
use kit::start_info::StartInfo;

/// The kernel heap: sockets and their buffers.
const HEAP_SIZE: u64 = 6 << 20;
/// What the application may touch: arguments, data, stack.
const ARENA_SIZE: u64 = 6 << 20;
/// The application's stack, at the arena's top.
const USER_STACK_SIZE: u64 = 64 << 10;
/// Page tables are built and buffers taken below this address.
const MEMORY_LIMIT: u64 = 1 << 32;

/// What boot hands on.
pub struct Boot {
    /// The command line's settings.
    pub config: Config,
    /// Memory left over.
    pub frames: Frames,
    /// The network port, its registers mapped.
    pub port: Port,
    /// Top of the application's stack.
    pub user_stack: u64,
    /// Address of the application's [`Arguments`].
    pub arguments: u64,
}

/// Takes the machine over. Interrupts stay off.
pub fn start(start_info: u64) -> Boot {
    // SAFETY: the address is what the loader handed over; it lies in memory that `Frames` leaves alone.
    let info = unsafe { StartInfo::from_paddr(start_info) }.expect("no start info");
    let config = Config::parse(info.command_line());
    let mut frames = Frames::from_start_info(info, entry::image(), MEMORY_LIMIT);
    let port = Port::find().expect("no 82599 on bus 0");

    let arena = frames.take(ARENA_SIZE, LARGE_PAGE).expect("no memory for the application");
    let heap = frames.take(HEAP_SIZE, PAGE).expect("no memory for the heap");
    processor::load_descriptor_tables();
    memory::load_page_tables(info, &mut frames, arena..arena + ARENA_SIZE, &port);
    // SAFETY: the range is RAM, mapped writable by the tables just loaded, and nobody else's.
    unsafe { crate::HEAP.init(heap, HEAP_SIZE) };
    processor::enable_apic();
    crate::clock::init(config.tsc_hz);

    let user_stack = arena + ARENA_SIZE;
    crate::syscall::init(arena..user_stack);
    let data = arena + size_of::<Arguments>().next_multiple_of(64) as u64;
    let arguments =
        Arguments { seed: config.seed, msg: config.msg as u64, data, end: user_stack - USER_STACK_SIZE };
    // SAFETY: the arena is RAM, page-aligned, and nobody reads it yet.
    unsafe { (arena as *mut Arguments).write(arguments) };
    Boot { config, frames, port, user_stack, arguments: arena }
}
