//! The VMCS as it is before the first entry: the host's state, and a guest at its first instruction.

use super::capability::Base;
use super::entry::exit_address;
use super::instructions::vmwrite;
use super::spec::{UNUSABLE, field::*, msr};
use crate::guest::Entry;
use core::arch::asm;
use kit::cpu::{self, CR0_NE, CR0_PE, CR0_PG, CR0_WP, CR4_PAE, CR4_VMXE};
use kit::msr::{EFER_LMA, EFER_LME, EFER_NXE, EFER_SCE, IA32_EFER, IA32_PAT, rdmsr};
use kit::segments::{KERNEL_CODE, KERNEL_DATA, TASK_STATE, TablePointer};

/// IA32_PAT after reset. SDM 3A 11.12.4.
const PAT_RESET: u64 = 0x0007_0406_0007_0406;
/// DR7 after reset.
const DR7_RESET: u64 = 0x400;
/// RFLAGS: bit 1 is always set.
const RFLAGS_RESET: u64 = 2;
/// CR0.ET, always set.
const CR0_ET: u64 = 1 << 4;
/// Access rights: code, ring 0, accessed, 64-bit; data, ring 0, accessed, writable; busy 64-bit TSS. 24.4.1.
const RIGHTS_CODE: u64 = 0xA09B;
const RIGHTS_DATA: u64 = 0xC093;
const RIGHTS_TASK_STATE: u64 = 0x8B;
/// The only VPID; 0 is the host's.
const GUEST_VPID: u64 = 1;

/// Fills the current VMCS. The controls that depend on the mode come later (`vcpu::mode`).
pub fn setup(base: &Base, entry: &Entry) {
    let controls = [
        (VPID, GUEST_VPID),
        (EXIT_CONTROLS, base.exit as u64),
        (ENTRY_CONTROLS, base.entry as u64),
        (PAGE_FAULT_MASK, 0),
        (PAGE_FAULT_MATCH, 0),
        (CR3_TARGET_COUNT, 0),
        (EXIT_MSR_STORE_COUNT, 0),
        (EXIT_MSR_LOAD_COUNT, 0),
        (ENTRY_MSR_LOAD_COUNT, 0),
        (ENTRY_INTERRUPTION_INFO, 0),
        (VMCS_LINK_POINTER, u64::MAX),
    ];
    write_all(&controls);
    control_registers(entry);
    guest_state(entry);
    host_state();
}

fn write_all(fields: &[(u64, u64)]) {
    fields.iter().for_each(|(field, value)| vmwrite(*field, *value));
}

/// The guest sees the loader's CR0 and CR4; the bits that VMX operation fixes are the host's (SDM 3C 23.8, 24.6.6).
fn control_registers(entry: &Entry) {
    // SAFETY: the capability registers exist with VMX.
    let (fixed0, fixed4) = unsafe { (rdmsr(msr::CR0_FIXED0), rdmsr(msr::CR4_FIXED0)) };
    let cr0 = CR0_PG | CR0_WP | CR0_ET | CR0_PE;
    write_all(&[
        (CR0_MASK, fixed0 | CR0_PG | CR0_PE | CR0_NE),
        (CR0_SHADOW, cr0),
        (GUEST_CR0, cr0 | fixed0),
        (CR4_MASK, fixed4 | CR4_VMXE),
        (CR4_SHADOW, CR4_PAE),
        (GUEST_CR4, CR4_PAE | CR4_VMXE | fixed4),
        (GUEST_CR3, entry.cr3),
        (GUEST_EFER, EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE),
        (GUEST_PAT, PAT_RESET),
    ]);
}

fn guest_state(entry: &Entry) {
    let flat = 0xFFFF_FFFF;
    let (code, data) = (KERNEL_CODE as u64, KERNEL_DATA as u64);
    // For each segment: selector, limit, access rights. The fields of ES to TR follow in steps of 2.
    let segments = [
        (data, flat, RIGHTS_DATA),
        (code, flat, RIGHTS_CODE),
        (data, flat, RIGHTS_DATA),
        (data, flat, RIGHTS_DATA),
        (data, flat, RIGHTS_DATA),
        (data, flat, RIGHTS_DATA),
        (0, 0, UNUSABLE),
        (0, 0x67, RIGHTS_TASK_STATE),
    ];
    for (step, (selector, limit, rights)) in (0..).step_by(2).zip(segments) {
        let fields = [
            (GUEST_ES + step, selector),
            (GUEST_ES_LIMIT + step, limit),
            (GUEST_ES_RIGHTS + step, rights),
            (GUEST_ES_BASE + step, 0),
        ];
        write_all(&fields);
    }
    write_all(&[
        (GUEST_GDTR_BASE, entry.gdt.0),
        (GUEST_GDTR_LIMIT, entry.gdt.1 as u64),
        (GUEST_IDTR_BASE, 0),
        (GUEST_IDTR_LIMIT, 0),
        (GUEST_RIP, entry.rip),
        (GUEST_RSP, 0),
        (GUEST_RFLAGS, RFLAGS_RESET),
        (GUEST_DR7, DR7_RESET),
        (GUEST_DEBUGCTL, 0),
        (GUEST_PENDING_DEBUG, 0),
        (GUEST_INTERRUPTIBILITY, 0),
        (GUEST_ACTIVITY, 0),
        (GUEST_SYSENTER_CS, 0),
        (GUEST_SYSENTER_ESP, 0),
        (GUEST_SYSENTER_EIP, 0),
    ]);
}

/// What an exit loads: the state the host runs in now. HOST_RSP is written at each entry.
fn host_state() {
    let (mut gdt, mut idt) = (TablePointer { limit: 0, base: 0 }, TablePointer { limit: 0, base: 0 });
    // SAFETY: SGDT and SIDT store ten bytes each; the registers read exist.
    let (pat, efer) = unsafe {
        asm!("sgdt [{}]", "sidt [{}]", in(reg) &mut gdt, in(reg) &mut idt, options(nostack, preserves_flags));
        (rdmsr(IA32_PAT), rdmsr(IA32_EFER))
    };
    let data = KERNEL_DATA as u64;
    write_all(&[
        (HOST_CR0, cpu::read_cr0()),
        (HOST_CR3, cpu::read_cr3()),
        (HOST_CR4, cpu::read_cr4()),
        (HOST_CS, KERNEL_CODE as u64),
        (HOST_SS, data),
        (HOST_DS, data),
        (HOST_ES, data),
        (HOST_FS, data),
        (HOST_GS, data),
        (HOST_TR, TASK_STATE as u64),
        (HOST_FS_BASE, 0),
        (HOST_GS_BASE, 0),
        (HOST_TR_BASE, task_state_base(gdt.base)),
        (HOST_GDTR_BASE, gdt.base),
        (HOST_IDTR_BASE, idt.base),
        (HOST_SYSENTER_CS, 0),
        (HOST_SYSENTER_ESP, 0),
        (HOST_SYSENTER_EIP, 0),
        (HOST_PAT, pat),
        (HOST_EFER, efer),
        (HOST_RIP, exit_address()),
    ]);
}

/// The base in the GDT's task-state descriptor. SDM 3A 7.2.3.
fn task_state_base(gdt: u64) -> u64 {
    let descriptor = (gdt + TASK_STATE as u64) as *const [u64; 2];
    // SAFETY: the GDT is the host's own and holds the descriptor that TR was loaded from.
    let [low, high] = unsafe { descriptor.read_unaligned() };
    low >> 16 & 0xFF_FFFF | (low >> 56) << 24 | high << 32
}
