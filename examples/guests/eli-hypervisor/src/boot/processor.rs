//! The processor's own tables: GDT, TSS and IDT.

use crate::one_cpu::OneCpu;
use kit::entry::boot_stack;
use kit::msr::{EFER_NXE, IA32_EFER, rdmsr, wrmsr};
use kit::segments::{Gdt, TaskState};
use kit::trap::Idt;

/// The stack for double faults, whatever state the others are in.
const FAULT_STACK_SIZE: usize = 8192;
/// Its index in the interrupt stack table.
const FAULT_IST: u8 = 1;

#[repr(C, align(16))]
struct Stack([u8; FAULT_STACK_SIZE]);

static GDT: OneCpu<Gdt> = OneCpu::new();
static TASK_STATE: OneCpu<TaskState> = OneCpu::new();
static IDT: OneCpu<Idt> = OneCpu::new();
static FAULT_STACK: OneCpu<Stack> = OneCpu::new();

/// Loads the host's own descriptor tables.
pub fn load_descriptor_tables() {
    let mut task = TaskState::new();
    task.rsp[0] = boot_stack();
    task.ist[FAULT_IST as usize - 1] = &raw const FAULT_STACK as u64 + FAULT_STACK_SIZE as u64;
    // SAFETY: boot runs once, with interrupts off; the statics live for ever.
    unsafe {
        let task = TASK_STATE.set(task) as *const TaskState as u64;
        let gdt = GDT.set(Gdt::new());
        gdt.set_task_state(task);
        gdt.load();
        let idt = IDT.set(Idt::new());
        idt.fill(FAULT_IST);
        idt.load();
        wrmsr(IA32_EFER, rdmsr(IA32_EFER) | EFER_NXE);
    }
}
