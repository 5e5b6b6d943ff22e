//! A host, and a guest of rows: the host fills a VMCS, enters, and halts at the exit, whose record the test reads.

use emulator::cpu::cpuid::Model;
use emulator::machine::Machine;
use emulator::state::Node;
use emulator::vmx::Field;
use emulator::vmx::controls::{entry, exit, pin, primary, secondary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;

const VMXON: u64 = 0x30_0000;
pub const VMCS: u64 = 0x30_1000;
pub const MSR_BITMAP: u64 = 0x30_2000;
pub const IO_BITMAP_A: u64 = 0x30_3000;
const IO_BITMAP_B: u64 = 0x30_4000;
/// EPT: PML4, PDPT, PD; 1 GiB by 2 MiB pages, to itself.
pub const EPT: u64 = 0x31_0000;
/// EPT page table for the 2 MiB from 0x60_0000 on.
pub const EPT_TABLE: u64 = 0x31_3000;
/// Guest-physical memory that rows may take away.
pub const FRAGILE: u64 = 0x60_0000;
/// Where exits arrive: a HLT.
pub const HOST_EXIT: u64 = 0x32_0000;
const HOST_STACK: u64 = 0x33_0000;
/// RIP of the guest.
pub const GUEST: u64 = 0x34_0000;
/// RSP of the guest.
pub const GUEST_STACK: u64 = 0x35_0000;

/// A field and its value.
pub type Set = (Field, u64);

/// The controls that rows add to.
pub fn pin_controls(more: u32) -> Set {
    (PIN_BASED_CONTROLS, u64::from(pin::DEFAULT1 | more))
}

pub fn primary_controls(more: u32) -> Set {
    let base = primary::DEFAULT1 & !(primary::CR3_LOAD_EXITING | primary::CR3_STORE_EXITING);
    let base = base | primary::ACTIVATE_SECONDARY_CONTROLS | primary::HLT_EXITING;
    (PRIMARY_PROCESSOR_BASED_CONTROLS, u64::from(base | more))
}

pub fn secondary_controls(more: u32) -> Set {
    (SECONDARY_PROCESSOR_BASED_CONTROLS, u64::from(secondary::ENABLE_EPT | more))
}

/// The exceptions that exit.
pub fn bitmap(vectors: &[u64]) -> Set {
    (EXCEPTION_BITMAP, vectors.iter().map(|v| 1 << v).sum())
}

fn fields() -> Vec<Set> {
    let segment = |n: u8, selector: u64, limit: u64, rights: u64| {
        let field = |first: Field| Field::all().find(|f| f.slot() == first.slot() + n).expect("in the table");
        [
            (field(GUEST_ES_SELECTOR), selector),
            (field(GUEST_ES_LIMIT), limit),
            (field(GUEST_ES_ACCESS_RIGHTS), rights),
        ]
    };
    let flat = 0xffff_ffff;
    let mut all = vec![
        pin_controls(0),
        primary_controls(0),
        secondary_controls(0),
        (VM_EXIT_CONTROLS, (exit::DEFAULT1 | exit::HOST_ADDRESS_SPACE_SIZE).into()),
        (VM_ENTRY_CONTROLS, (entry::DEFAULT1 | entry::IA32E_MODE_GUEST).into()),
        (EPT_POINTER, EPT | 3 << 3 | 6),
        (MSR_BITMAPS_ADDRESS, MSR_BITMAP),
        (IO_BITMAP_A_ADDRESS, IO_BITMAP_A),
        (IO_BITMAP_B_ADDRESS, IO_BITMAP_B),
        (VMCS_LINK_POINTER, u64::MAX),
        (HOST_CR0, 0x8001_0031),
        (HOST_CR3, 0x8000),
        (HOST_CR4, 0x2020),
        (HOST_CS_SELECTOR, selector::CODE),
        (HOST_SS_SELECTOR, selector::DATA),
        (HOST_TR_SELECTOR, selector::TSS),
        (HOST_TR_BASE, TSS),
        (HOST_GDTR_BASE, GDT),
        (HOST_IDTR_BASE, IDT),
        (HOST_RSP, HOST_STACK),
        (HOST_RIP, HOST_EXIT),
        (GUEST_CR0, 0x8001_0031),
        (GUEST_CR3, 0x8000),
        (GUEST_CR4, 0x2020),
        (GUEST_DR7, 0x400),
        (GUEST_RFLAGS, 2),
        (GUEST_RIP, GUEST),
        (GUEST_RSP, GUEST_STACK),
        (GUEST_GDTR_BASE, GDT),
        (GUEST_GDTR_LIMIT, 0xff),
        (GUEST_IDTR_BASE, IDT),
        (GUEST_IDTR_LIMIT, (LAST_VECTOR + 1) * 16 - 1),
        (GUEST_TR_BASE, TSS),
    ];
    all.extend(segment(0, selector::DATA, flat, 0xc093));
    all.extend(segment(1, selector::CODE, flat, 0xa09b));
    for n in 2..6 {
        all.extend(segment(n, selector::DATA, flat, 0xc093));
    }
    all.extend(segment(6, 0, 0, 1 << 16));
    all.extend(segment(7, selector::TSS, 0x87, 0x8b));
    all
}

fn host(a: &mut CodeAssembler, changes: &[Set], before: Body<'_>) -> Result<(), IcedError> {
    a.mov(rax, cr0)?;
    a.bts(eax, 5)?;
    a.mov(cr0, rax)?;
    a.mov(rax, cr4)?;
    a.bts(eax, 13)?;
    a.mov(cr4, rax)?;
    a.mov(rbx, HOST_EXIT + 0x100)?;
    a.vmxon(qword_ptr(rbx))?;
    a.vmptrld(qword_ptr(rbx + 8))?;
    for (field, value) in fields().iter().chain(changes) {
        a.mov(eax, u32::from(field.encoding()))?;
        a.mov(rcx, *value)?;
        a.vmwrite(rax, rcx)?;
    }
    before(a)?;
    a.vmlaunch()?;
    a.hlt()
}

/// The machine at the host's first instruction, its guest's memory in place.
pub fn vm(changes: &[Set], before: Body<'_>, guest: Body<'_>) -> Machine {
    let code = assemble(GUEST, &|a| {
        guest(a)?;
        a.hlt()
    });
    vm_of(Model::default(), changes, before, &code)
}

/// As [`vm`], with a processor of another model and a guest in bytes.
pub fn vm_of(model: Model, changes: &[Set], before: Body<'_>, guest: &[u8]) -> Machine {
    let mut machine = machine_of(model, Level::Kernel, &|a| host(a, changes, before));
    let revision = 0x0e;
    poke(&mut machine, VMXON, revision);
    poke(&mut machine, VMCS, revision);
    poke(&mut machine, HOST_EXIT, 0xf4);
    poke(&mut machine, HOST_EXIT + 0x100, VMXON);
    poke(&mut machine, HOST_EXIT + 0x108, VMCS);
    poke(&mut machine, EPT, (EPT + 0x1000) | 7);
    poke(&mut machine, EPT + 0x1000, (EPT + 0x2000) | 7);
    for n in 0..512 {
        poke(&mut machine, EPT + 0x2000 + 8 * n, n << 21 | 7 | 6 << 3 | 1 << 7);
        poke(&mut machine, EPT_TABLE + 8 * n, (FRAGILE + (n << 12)) | 7 | 6 << 3);
    }
    poke(&mut machine, EPT + 0x2000 + 8 * 3, EPT_TABLE | 7);
    assert!(machine.write_memory(GUEST, guest));
    machine
}

/// The host after an exit, or after an entry that failed.
pub struct Exit(pub End);

/// Runs a guest until its first exit.
pub fn exit(changes: &[Set], guest: Body<'_>) -> Exit {
    exit_of(vm(changes, &|_| Ok(()), guest))
}

/// Runs a machine until the host has its exit.
pub fn exit_of(machine: Machine) -> Exit {
    let end = End::of(machine);
    assert_eq!(end.rip, HOST_EXIT + 1, "no exit; RFLAGS {:#x}", end.value("registers/RFLAGS"));
    Exit(end)
}

/// An entry that fails without an exit: RFLAGS' arithmetic flags and the error number.
pub fn vm_fail(changes: &[Set], before: Body<'_>) -> (u64, u64) {
    let end = End::of(vm(changes, before, &|_| Ok(())));
    assert!(end.rip < GUEST && end.rip != HOST_EXIT + 1, "the entry succeeded: {changes:x?}");
    let exit = Exit(end);
    (exit.0.value("registers/RFLAGS") & 0x8d5, exit.get(VM_INSTRUCTION_ERROR))
}

impl Exit {
    /// A field of the VMCS.
    pub fn get(&self, field: Field) -> u64 {
        for area in ["guest state", "controls", "VM-exit information", "host state"] {
            let tree = self.0.machine.inspect();
            let group = tree.find(&format!("cpu0/VMCS/{area}"));
            if let Some(Node::Group { children, .. }) = group
                && let Some(Node::Value { value, .. }) = children.iter().find(|c| c.name() == field.name())
            {
                return *value;
            }
        }
        panic!("{field:?} is not in the tree")
    }

    /// The exit reason, bit 31 included.
    pub fn reason(&self) -> u64 {
        self.get(EXIT_REASON)
    }

    /// Reason and qualification.
    pub fn why(&self) -> (u64, u64) {
        (self.reason(), self.get(EXIT_QUALIFICATION))
    }

    /// The instruction's offset from the guest's first, and its length.
    pub fn at(&self) -> (u64, u64) {
        (self.get(GUEST_RIP).wrapping_sub(GUEST), self.get(VM_EXIT_INSTRUCTION_LENGTH))
    }
}
