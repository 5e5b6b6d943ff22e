//! Boot: descriptor tables, local APIC, memory. The loader's identity mapping stays.

use crate::traps;
use core::cell::UnsafeCell;
use kit::frames::{Frames, PAGE};
use kit::segments::{Gdt, TaskState};
use kit::start_info::{MEMORY_RAM, StartInfo};
use kit::trap::{Idt, stub};
use kit::{cpu, entry, x2apic};

const SPURIOUS_VECTOR: u8 = 0xFF;
const STACK_SIZE: u64 = 4 * PAGE;
/// The local APIC timer's input clock, and the divisor the kit uses.
const APIC_HZ: u32 = 133_333_333;
const DIVISOR: u32 = 16;
/// Buffers are taken below this address.
const LIMIT: u64 = 0xB000_0000;

/// Set once at boot.
struct Boot<T>(UnsafeCell<T>);

// SAFETY: there is one processor; boot has the only access until it is done.
unsafe impl<T> Sync for Boot<T> {}

static GDT: Boot<Gdt> = Boot(UnsafeCell::new(Gdt::new()));
static TASK_STATE: Boot<TaskState> = Boot(UnsafeCell::new(TaskState::new()));

/// What the guest has.
pub struct Machine {
    /// Free memory.
    pub frames: Frames,
    /// The first address above the guest's memory.
    pub memory_end: u64,
}

impl Machine {
    /// Takes the machine over; interrupts stay off. Double faults go to stack 1; stack 2 is free for experiments.
    pub fn boot(start_info: u64) -> Self {
        // SAFETY: the address is what the loader handed over; it lies in memory that `Frames` leaves alone.
        let info = unsafe { StartInfo::from_paddr(start_info) }.expect("no start info");
        let mut frames = Frames::from_start_info(info, entry::image(), LIMIT);
        let mut stack = || frames.take(STACK_SIZE, PAGE).expect("no memory for a stack") + STACK_SIZE;
        let mut task = TaskState::new();
        (task.rsp[0], task.ist[0], task.ist[1]) = (entry::boot_stack(), stack(), stack());
        // SAFETY: boot runs once, with interrupts off; the statics live for ever.
        unsafe {
            *TASK_STATE.0.get() = task;
            (*GDT.0.get()).set_task_state(TASK_STATE.0.get() as u64);
            (*GDT.0.get()).load();
            traps::idt().fill(1);
            (*(traps::idt() as *const Idt)).load();
        }
        x2apic::enable(SPURIOUS_VECTOR);
        let ram = info.memory_map().iter().filter(|range| range.kind == MEMORY_RAM);
        let memory_end = ram.map(|range| range.addr + range.size).max().unwrap_or(0);
        Self { frames, memory_end }
    }

    /// Proves that the guest lives.
    pub fn alive(&self) {
        crate::report(crate::ALIVE);
    }

    /// Starts a periodic tick on [`crate::TICK_VECTOR`].
    pub fn start_tick(&self, hz: u32) {
        x2apic::start_periodic_timer(crate::TICK_VECTOR, APIC_HZ / DIVISOR / hz);
    }

    /// Lets interrupts in.
    pub fn enable_interrupts(&self) {
        // SAFETY: every vector has a handler.
        unsafe { cpu::sti() };
    }
}

/// Fills the page at `address` with a table of gates like the one in use, and loads it with `limit`.
pub fn load_idt(address: u64, limit: u16) {
    let pointer = kit::segments::TablePointer { limit, base: address };
    for vector in 0..=255u8 {
        let ist = if vector as u64 == kit::trap::DOUBLE_FAULT { 1 } else { 0 };
        let gate = kit::trap::Gate::interrupt(stub(vector), ist);
        // SAFETY: the caller gave a page of memory away.
        unsafe { (address as *mut kit::trap::Gate).add(vector as usize).write_volatile(gate) };
    }
    // SAFETY: every gate is valid.
    unsafe { core::arch::asm!("lidt [{}]", in(reg) &pointer, options(readonly, nostack, preserves_flags)) };
}

/// Points stack `ist` of the task-state segment in use at `stack`.
pub fn set_stack(ist: u8, stack: u64) {
    // SAFETY: boot is done; the processor reads the segment at the next delivery.
    unsafe { (*TASK_STATE.0.get()).ist[(ist - 1) as usize] = stack };
}

/// Bits of page-table entries: U/S, and PS for a large page. SDM 3A 4.5.
const USER: u64 = 1 << 2;
const LARGE: u64 = 1 << 7;
const ADDRESS: u64 = 0x000F_FFFF_FFFF_F000;

/// Lets ring 3 at the page of `address`, in the loader's page tables.
pub fn open_to_ring_3(address: u64) {
    let mut table = cpu::read_cr3() & ADDRESS;
    for shift in [39, 30, 21, 12] {
        let slot = (table as *mut u64).wrapping_add((address >> shift & 0x1FF) as usize);
        // SAFETY: the tables are this guest's own, reached by the identity mapping that they make.
        let entry = unsafe { slot.read_volatile() } | USER;
        // SAFETY: as above.
        unsafe { slot.write_volatile(entry) };
        if shift == 12 || shift < 39 && entry & LARGE != 0 {
            break;
        }
        table = entry & ADDRESS;
    }
    cpu::invlpg(address);
}
