//! The processor's own tables: GDT, TSS and IDT, then the local APIC.

use crate::one_cpu::OneCpu;
use kit::entry::boot_stack;
use kit::msr::{EFER_NXE, EFER_SCE, IA32_EFER, rdmsr, wrmsr};
use kit::segments::{Gdt, TaskState};
use kit::trap::Idt;

/// The stack for double faults, whatever state the others are in.
const FAULT_STACK_SIZE: usize = 8192;
/// Its index in the interrupt stack table.
const FAULT_IST: u8 = 1;
/// Spurious-interrupt vector.
pub const SPURIOUS_VECTOR: u8 = 0xFF;

#[repr(C, align(16))]
struct Stack([u8; FAULT_STACK_SIZE]);

// Set once at boot; from then on the processor's alone. The IDT fills a page of its own by its type.
static GDT: OneCpu<Gdt> = OneCpu::new();
static TASK_STATE: OneCpu<TaskState> = OneCpu::new();
static IDT: OneCpu<Idt> = OneCpu::new();
static FAULT_STACK: OneCpu<Stack> = OneCpu::new();

/// Loads the image's own descriptor tables.
pub fn load_descriptor_tables() {
    let fault_stack = &raw const FAULT_STACK as u64 + FAULT_STACK_SIZE as u64;
    let mut task = TaskState::new();
    // Ring 3 only runs when the kernel's stack is empty, so interrupts from it start at the top.
    task.rsp[0] = boot_stack();
    task.ist[FAULT_IST as usize - 1] = fault_stack;
    // SAFETY: boot runs once, on one processor, with interrupts off; the statics live for ever.
    unsafe {
        let task = TASK_STATE.set(task) as *const TaskState as u64;
        let gdt = GDT.set(Gdt::new());
        gdt.set_task_state(task);
        gdt.load();
        let idt = IDT.set(Idt::new());
        idt.fill(FAULT_IST);
        idt.load();
        wrmsr(IA32_EFER, rdmsr(IA32_EFER) | EFER_SCE | EFER_NXE);
    }
}

/// x2APIC mode, enabled, every priority accepted.
pub fn enable_apic() {
    kit::x2apic::enable(SPURIOUS_VECTOR);
}
