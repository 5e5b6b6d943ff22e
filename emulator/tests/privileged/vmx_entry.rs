//! Entries that fail: VMfail for controls and host state, a failed entry for the guest's (SDM 3C 26).

use emulator::vmx::controls::{entry, exit, pin, primary, secondary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

const CF: u64 = 1 << 0;
const ZF: u64 = 1 << 6;

fn nothing(_: &mut CodeAssembler) -> Result<(), IcedError> {
    Ok(())
}

#[test]
fn invalid_controls_fail_with_7_and_invalid_host_state_with_8() {
    let pin = pin::DEFAULT1;
    let rows: [(&str, Vec<Set>, u64); 24] = [
        ("a pin-based control that must be 1", vec![(PIN_BASED_CONTROLS, 0)], 7),
        ("a pin-based control that is not offered", vec![(PIN_BASED_CONTROLS, u64::from(pin) | 1 << 7)], 7),
        ("virtual NMIs without NMI exiting", vec![pin_controls(pin::VIRTUAL_NMIS)], 7),
        ("NMI windows without virtual NMIs", vec![primary_controls(primary::NMI_WINDOW_EXITING)], 7),
        ("five CR3 targets", vec![(CR3_TARGET_COUNT, 5)], 7),
        (
            "an I/O bitmap off its page",
            vec![primary_controls(primary::USE_IO_BITMAPS), (IO_BITMAP_A_ADDRESS, 0x30_3001)],
            7,
        ),
        (
            "MSR bitmaps beyond the width",
            vec![primary_controls(primary::USE_MSR_BITMAPS), (MSR_BITMAPS_ADDRESS, 1 << 40)],
            7,
        ),
        ("VPID 0", vec![secondary_controls(secondary::ENABLE_VPID), (VPID, 0)], 7),
        ("an EPT of three levels", vec![(EPT_POINTER, EPT | 2 << 3 | 6)], 7),
        ("an EPT of a reserved type", vec![(EPT_POINTER, EPT | 3 << 3 | 5)], 7),
        (
            "saving a timer that is off",
            vec![(
                VM_EXIT_CONTROLS,
                u64::from(exit::DEFAULT1 | exit::HOST_ADDRESS_SPACE_SIZE | exit::SAVE_PREEMPTION_TIMER_VALUE),
            )],
            7,
        ),
        (
            "an MSR list off its alignment",
            vec![(VM_EXIT_MSR_STORE_COUNT, 1), (VM_EXIT_MSR_STORE_ADDRESS, 0x30_5008)],
            7,
        ),
        ("an injected event of the reserved type", vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 1 << 8)], 7),
        ("an injected NMI of another vector", vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 2 << 8 | 3)], 7),
        ("an injected exception beyond 31", vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 3 << 8 | 32)], 7),
        ("#GP injected without its code", vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 3 << 8 | 13)], 7),
        ("#UD injected with a code", vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 1 << 11 | 3 << 8 | 6)], 7),
        ("a reserved bit of an injection", vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 1 << 12 | 0x20)], 7),
        (
            "an error code beyond 16 bits",
            vec![
                (VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 1 << 11 | 3 << 8 | 13),
                (VM_ENTRY_EXCEPTION_ERROR_CODE, 1 << 16),
            ],
            7,
        ),
        (
            "a software interrupt of 16 bytes",
            vec![(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 4 << 8 | 0x22), (VM_ENTRY_INSTRUCTION_LENGTH, 16)],
            7,
        ),
        ("a host without NE", vec![(HOST_CR0, 0x8001_0011)], 8),
        ("a host whose CR3 is beyond the width", vec![(HOST_CR3, 1 << 40)], 8),
        ("a host without a TR", vec![(HOST_TR_SELECTOR, 0)], 8),
        ("a host whose RIP is not canonical", vec![(HOST_RIP, 1 << 47)], 8),
    ];
    for (sentence, changes, number) in rows {
        assert_eq!(vm_fail(&changes, &nothing), (ZF, number), "{sentence}");
    }
}

#[test]
fn vmlaunch_itself_fails_by_number() {
    // 26: after MOV SS; 5: VMRESUME of what was never launched; no VMCS at all: CF.
    let after_mov_ss = vm_fail(&[], &|a| {
        a.mov(edx, selector::DATA as u32)?;
        a.mov(ss, edx)
    });
    assert_eq!(after_mov_ss, (ZF, 26));
    let resumed = vm_fail(&[], &|a| {
        a.vmresume()?;
        a.hlt()
    });
    assert_eq!(resumed, (ZF, 5));
    let none = End::of(vm(
        &[],
        &|a| {
            a.mov(rbx, HOST_EXIT + 0x108)?;
            a.vmclear(qword_ptr(rbx))?;
            a.vmlaunch()?;
            a.hlt()
        },
        &nothing,
    ));
    assert_eq!(none.value("registers/RFLAGS") & 0x8d5, CF);
}

#[test]
fn vmx_instructions_fail_by_number() {
    let rows: [(&str, u64, Instruction); 9] = [
        ("VMCLEAR off its alignment", 2, |a| {
            a.mov(rax, VMCS + 8)?;
            a.push(rax)?;
            a.vmclear(qword_ptr(rsp))
        }),
        ("VMCLEAR of the VMXON region", 3, |a| {
            a.mov(rax, 0x30_0000u64)?;
            a.push(rax)?;
            a.vmclear(qword_ptr(rsp))
        }),
        ("VMPTRLD beyond the width", 9, |a| {
            a.mov(rax, 1u64 << 40)?;
            a.push(rax)?;
            a.vmptrld(qword_ptr(rsp))
        }),
        ("VMPTRLD of the VMXON region", 10, |a| {
            a.mov(rax, 0x30_0000u64)?;
            a.push(rax)?;
            a.vmptrld(qword_ptr(rsp))
        }),
        ("VMPTRLD of another revision", 11, |a| {
            a.mov(rax, DATA)?;
            a.push(rax)?;
            a.vmptrld(qword_ptr(rsp))
        }),
        ("VMREAD of no field", 12, |a| {
            a.mov(eax, 0x7000)?;
            a.vmread(rcx, rax)
        }),
        ("VMWRITE of a read-only field", 13, |a| {
            a.mov(eax, 0x4402)?;
            a.vmwrite(rax, rcx)
        }),
        ("VMXON in VMX operation", 15, |a| {
            a.mov(rbx, HOST_EXIT + 0x100)?;
            a.vmxon(qword_ptr(rbx))
        }),
        ("INVEPT of no type", 28, |a| {
            a.mov(eax, 7)?;
            a.sub(rsp, 16)?;
            a.invept(rax, xmmword_ptr(rsp))
        }),
    ];
    for (sentence, number, instruction) in rows {
        let failed = vm_fail(&[], &|a| {
            instruction(a)?;
            a.hlt()
        });
        assert_eq!(failed, (ZF, number), "{sentence}");
    }
}

/// Reason 33 with bit 31, and the qualification (26.8): 0 but for what is said.
const INVALID: u64 = 33 | 1 << 31;

#[test]
fn invalid_guest_state_fails_the_entry_with_reason_33() {
    let ia32e = u64::from(entry::DEFAULT1 | entry::IA32E_MODE_GUEST);
    let external = 1 << 31 | 0x20;
    let nmi = 1 << 31 | 2 << 8 | 2;
    let rows: [(&str, Vec<Set>, u64); 33] = [
        ("CR0.PG 0", vec![(GUEST_CR0, 0x1_0031)], 0),
        ("CR4.VMXE 0", vec![(GUEST_CR4, 0x20)], 0),
        ("CR4.PAE 0", vec![(GUEST_CR4, 0x2000)], 0),
        ("CR3 beyond the width", vec![(GUEST_CR3, 1 << 40)], 0),
        (
            "DR7 beyond 32 bits",
            vec![(VM_ENTRY_CONTROLS, ia32e | u64::from(entry::LOAD_DEBUG_CONTROLS)), (GUEST_DR7, 1 << 32)],
            0,
        ),
        (
            "a reserved bit of DEBUGCTL",
            vec![
                (VM_ENTRY_CONTROLS, ia32e | u64::from(entry::LOAD_DEBUG_CONTROLS)),
                (GUEST_IA32_DEBUGCTL, 1 << 40),
            ],
            0,
        ),
        ("SYSENTER_EIP not canonical", vec![(GUEST_IA32_SYSENTER_EIP, 1 << 47)], 0),
        (
            "EFER.LMA against the control",
            vec![(VM_ENTRY_CONTROLS, ia32e | u64::from(entry::LOAD_IA32_EFER)), (GUEST_IA32_EFER, 1 << 8)],
            0,
        ),
        (
            "a reserved type in PAT",
            vec![(VM_ENTRY_CONTROLS, ia32e | u64::from(entry::LOAD_IA32_PAT)), (GUEST_IA32_PAT, 2)],
            0,
        ),
        ("TR unusable", vec![(GUEST_TR_ACCESS_RIGHTS, 0x8b | 1 << 16)], 0),
        ("TR not busy", vec![(GUEST_TR_ACCESS_RIGHTS, 0x89)], 0),
        ("TR in the LDT", vec![(GUEST_TR_SELECTOR, 4)], 0),
        ("CS data", vec![(GUEST_CS_ACCESS_RIGHTS, 0xa093)], 0),
        ("CS with L and D", vec![(GUEST_CS_ACCESS_RIGHTS, 0xe09b)], 0),
        ("CS not present", vec![(GUEST_CS_ACCESS_RIGHTS, 0xa01b)], 0),
        ("SS of another level than CS", vec![(GUEST_SS_ACCESS_RIGHTS, 0xc0f3)], 0),
        ("SS read-only", vec![(GUEST_SS_ACCESS_RIGHTS, 0xc091)], 0),
        ("DS with a reserved bit", vec![(GUEST_DS_ACCESS_RIGHTS, 0xc093 | 1 << 20)], 0),
        ("FS base not canonical", vec![(GUEST_FS_BASE, 1 << 47)], 0),
        ("a limit against G", vec![(GUEST_DS_LIMIT, 0x10_0000)], 0),
        ("GDTR base not canonical", vec![(GUEST_GDTR_BASE, 1 << 47)], 0),
        ("IDTR limit beyond 16 bits", vec![(GUEST_IDTR_LIMIT, 1 << 16)], 0),
        ("RFLAGS bit 1 clear", vec![(GUEST_RFLAGS, 0)], 0),
        ("RFLAGS.VM in IA-32e mode", vec![(GUEST_RFLAGS, 2 | 1 << 17)], 0),
        ("an interrupt injected with IF clear", vec![(VM_ENTRY_INTERRUPTION_INFO, external)], 0),
        ("activity state 4", vec![(GUEST_ACTIVITY_STATE, 4)], 0),
        (
            "HLT under blocking by STI",
            vec![(GUEST_ACTIVITY_STATE, 1), (GUEST_INTERRUPTIBILITY_STATE, 1), (GUEST_RFLAGS, 0x202)],
            0,
        ),
        ("blocking by STI and by MOV SS", vec![(GUEST_INTERRUPTIBILITY_STATE, 3), (GUEST_RFLAGS, 0x202)], 0),
        ("blocking by STI with IF clear", vec![(GUEST_INTERRUPTIBILITY_STATE, 1)], 0),
        ("a reserved pending debug exception", vec![(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 13)], 0),
        (
            "TF under blocking by MOV SS without BS",
            vec![(GUEST_INTERRUPTIBILITY_STATE, 2), (GUEST_RFLAGS, 0x102)],
            0,
        ),
        (
            "an NMI injected under blocking by STI",
            vec![(GUEST_INTERRUPTIBILITY_STATE, 1), (GUEST_RFLAGS, 0x202), (VM_ENTRY_INTERRUPTION_INFO, nmi)],
            3,
        ),
        ("a link pointer off its page", vec![(VMCS_LINK_POINTER, VMCS + 8)], 4),
    ];
    for (sentence, changes, qualification) in rows {
        let exit = exit(&changes, &nothing);
        assert_eq!(exit.why(), (INVALID, qualification), "{sentence}");
        // Nothing of the guest was saved, and the VMCS is not launched.
        assert_eq!(exit.get(GUEST_RIP), GUEST, "{sentence}");
    }
}

#[test]
fn an_msr_that_cannot_be_loaded_fails_the_entry_with_its_number() {
    let list = 0x30_5000;
    let mut machine =
        vm(&[(VM_ENTRY_MSR_LOAD_COUNT, 2), (VM_ENTRY_MSR_LOAD_ADDRESS, list)], &nothing, &nothing);
    poke(&mut machine, list, 0xc000_0082);
    poke(&mut machine, list + 8, 0x1234);
    poke(&mut machine, list + 16, 0xc000_0101);
    assert_eq!(exit_of(machine).why(), (34 | 1 << 31, 2));
}
