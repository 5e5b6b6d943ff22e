//! eli-hypervisor: a small type-1 hypervisor for one guest with a network port of its own. The guest is not
//! trusted, and yet takes its port's interrupts without the host: exit-less interrupts.
//!
//! - Device assignment: the port's registers are the guest's. Its DMA reaches the guest's memory only, its
//!   interrupts go through a table of the host's (`vtd`).
//! - Delivery: the guest runs on a shadow of its IDT, in which only its own interrupts are present (`shadow`). An
//!   interrupt of the host's meets a gate that is not present, and that exits (`vcpu::vectoring`).
//! - Completion: in mode `eli` the guest writes the physical x2APIC's EOI register. Every other register exits.
//! - What is not from the hardware is injected, in a mode of its own (`vcpu::mode`).
//! - The host keeps the processor: a timer above the guest's interrupts, a preemption timer below them, and a window
//!   for its own interrupts at every exit.
//!
//! Deliberately absent: a second guest or processor, nested virtualization, real mode, devices but the port.

#![no_std]
#![no_main]

extern crate alloc;

mod acpi;
mod apic;
mod boot;
mod canary;
mod classroom;
mod console;
mod device;
mod ept;
mod guest;
mod interrupts;
mod one_cpu;
mod options;
mod shadow;
mod timer;
mod vapic;
mod vcpu;
mod vectors;
mod vmx;
mod vtd;

use alloc::boxed::Box;
use boot::Boot;
use kit::heap::Heap;
use kit::{cpu, exit, println};
use vcpu::Vcpu;

/// Exit code after a panic.
const EXIT_PANIC: u8 = 0x7F;
/// Exit code if the hypervisor cannot start.
const EXIT_START: u8 = 0x7D;

#[global_allocator]
static HEAP: Heap = Heap::new();

/// Entered from `kit::entry` on the boot stack, with interrupts off.
#[unsafe(no_mangle)]
extern "sysv64" fn kmain(start_info: u64) -> ! {
    kit::console::init();
    match start(start_info) {
        Ok(vcpu) => run(vcpu),
        Err(error) => {
            println!("eli-hypervisor: {error}");
            exit(EXIT_START)
        }
    }
}

/// Brings everything up that the guest needs.
fn start(start_info: u64) -> Result<Box<Vcpu>, &'static str> {
    let mut boot = boot::start(start_info)?;
    let remapping = start_vtd(&mut boot)?;
    let mut vcpu = Box::new(Vcpu::new(&mut boot, remapping)?);
    let input = match vcpu.remapping() {
        Some(table) => table.set_console(vectors::CONSOLE).map(console::Route::Remapped),
        None => Some(console::Route::Compatible(kit::x2apic::id())),
    };
    input.into_iter().for_each(console::enable_input);
    timer::start(&boot.options);
    let mib = (boot.guest_memory.end - boot.guest_memory.start) >> 20;
    println!("eli-hypervisor: mode={} guest of {mib} MiB", boot.options.mode.name());
    Ok(vcpu)
}

fn start_vtd(boot: &mut Boot) -> Result<Option<vtd::Remapping>, &'static str> {
    let drhd = boot.drhd.ok_or("firmware reports no VT-d unit")?;
    vtd::start(drhd, boot.port.source_id(), boot.guest_memory.clone(), &boot.options, &mut boot.frames)
}

/// Runs the guest for ever. If it cannot go on, the host does.
fn run(mut vcpu: Box<Vcpu>) -> ! {
    let stop = vcpu.run();
    vcpu.silence();
    println!("eli-hypervisor: the guest has stopped: {}", stop.0);
    apic::set_tpr(0);
    loop {
        // SAFETY: the host's IDT is loaded.
        unsafe { cpu::sti_hlt() };
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    println!("eli-hypervisor: {info}");
    exit(EXIT_PANIC)
}
