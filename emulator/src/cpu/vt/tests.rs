//! VMX operation as a hypervisor meets it.

use super::entry::vm_entry;
use super::instructions::*;
use crate::cpu::arch::{Activity, CS, FS, SS, cr0, efer};
use crate::cpu::flags::{CF, ZF};
use crate::cpu::hot::{BLOCK_RIP, RAX, RCX, RSP, ZERO};
use crate::cpu::op::{Op, OpBits};
use crate::cpu::{Contexts, Core, Cpu, Fault, Flow, Shadow, Trap};
use crate::machine::{Board, Config};
use crate::memory::{Arena, Memory, Pages};
use crate::vmx::checks::sample::valid_64bit;
use crate::vmx::controls::{exit, pin, primary};
use crate::vmx::fields::*;
use crate::vmx::segment::AccessRights;
use crate::vmx::{ExitReason, LaunchState};

const RAM: usize = 1 << 20;
const VMXON_REGION: u64 = 0xa000;
const REGION: u64 = 0xc000;
const OTHER_REGION: u64 = 0xd000;
/// Where the instructions' memory operand is.
const OPERAND: u64 = 0x9000;
const REVISION: u32 = 0x0e;
const ARITHMETIC: u64 = crate::cpu::flags::ARITHMETIC;

/// Runs `body` on a processor in VMX operation whose current VMCS is the sample.
fn in_vmx_operation(body: impl FnOnce(&mut Core<'_>)) {
    let mut arena = Arena::new(1, RAM).unwrap();
    let parts = arena.parts();
    let mut pages = Pages::new(RAM);
    let mut board = Board::new(&Config::default_pc());
    let mut cpu = Cpu::new(0);
    let mut contexts = Contexts::default();
    cpu.cr0 = cr0::PE | cr0::ET | cr0::NE | cr0::PG;
    cpu.cr4 = 0x2020;
    cpu.cr3 = 0x1000;
    cpu.efer = efer::ALL;
    cpu.segments[CS].rights = AccessRights(0xa09b);
    let mut core = Core {
        hot: &mut parts.hot[0],
        cpu: &mut cpu,
        mem: Memory { ram: parts.ram, pages: &mut pages },
        board: &mut board,
        contexts: &mut contexts,
    };
    core.hot.flush_tlb();
    identity_tables(&mut core);
    core.refresh_context();
    for region in [VMXON_REGION, REGION, OTHER_REGION] {
        core.mem.write_bytes(region, &REVISION.to_le_bytes());
    }
    run(&mut core, vmxon, VMXON_REGION).unwrap();
    run(&mut core, vmptrld, REGION).unwrap();
    core.cpu.vmx.vmcs = valid_64bit(&core.cpu.vmx.caps);
    body(&mut core);
}

/// A 2-MiB page at 0, for host and guest alike, under the sample's CR3 values.
fn identity_tables(core: &mut Core<'_>) {
    for (at, entry) in [(0x1000u64, 0x3003u64), (0x2000, 0x3003), (0x3000, 0xb003), (0xb000, 0x83)] {
        core.mem.write_bytes(at, &entry.to_le_bytes());
    }
}

fn op() -> Op {
    Op {
        run: vmcall,
        imm: 0,
        disp: OPERAND,
        base: ZERO,
        index: ZERO,
        scale: 0,
        segment: 6,
        dst: RAX as u8,
        src: RCX as u8,
        wrap: 0,
        len: 4,
        bits: 0,
        offset: 0,
        before: 0,
        code: 0,
    }
}

/// An instruction whose memory operand holds `operand`.
fn run(core: &mut Core<'_>, instruction: fn(&mut Core<'_>, &Op) -> Flow, operand: u64) -> Flow {
    core.mem.write_bytes(OPERAND, &operand.to_le_bytes());
    let flow = instruction(core, &op());
    core.mem.pages.tables_changed = false;
    match flow {
        Err(Trap::Leave) if !core.cpu.vmx.non_root => Ok(()),
        other => other,
    }
}

fn arithmetic(core: &Core<'_>) -> u64 {
    core.hot.flags.rflags() & ARITHMETIC
}

fn error(core: &Core<'_>) -> u64 {
    core.cpu.vmx.vmcs.get(VM_INSTRUCTION_ERROR)
}

fn set(core: &mut Core<'_>, field: crate::vmx::Field, value: u64) {
    core.cpu.vmx.vmcs.set(field, value);
}

fn get(core: &Core<'_>, field: crate::vmx::Field) -> u64 {
    core.cpu.vmx.vmcs.get(field)
}

fn launch(core: &mut Core<'_>) {
    assert_eq!(vm_entry(core, &op(), true), Err(Trap::Leave));
    assert!(core.cpu.vmx.non_root, "entry failed: {:x}", get(core, EXIT_REASON));
}

#[test]
fn the_vmx_instructions_need_vmx_operation_and_privilege() {
    in_vmx_operation(|core| {
        core.cpu.segments[SS].rights = AccessRights(3 << 5);
        for instruction in [vmxoff, vmlaunch, vmcall, vmread, vmptrst, invept] {
            assert_eq!(instruction(core, &op()), Err(Fault::gp(0).into()));
        }
        core.cpu.segments[SS].rights = AccessRights(0);
        run(core, vmxoff, 0).unwrap();
        for instruction in [vmxoff, vmlaunch, vmcall, vmread, vmptrst, invept] {
            assert_eq!(instruction(core, &op()), Err(Fault::UD.into()));
        }
        core.cpu.msrs.feature_control = 4;
        assert_eq!(run(core, vmxon, VMXON_REGION), Err(Fault::gp(0).into()));
        core.cpu.cr4 = 0x20;
        assert_eq!(run(core, vmxon, VMXON_REGION), Err(Fault::UD.into()));
    });
}

#[test]
fn instructions_that_fail_say_why() {
    in_vmx_operation(|core| {
        for (instruction, operand, number) in [
            (vmxon as fn(&mut Core<'_>, &Op) -> Flow, VMXON_REGION, 15),
            (vmclear, REGION + 8, 2),
            (vmclear, VMXON_REGION, 3),
            (vmptrld, 1 << 40, 9),
            (vmptrld, VMXON_REGION, 10),
            (vmptrld, 0x1000, 11),
            (vmcall, 0, 1),
            (vmresume, 0, 5),
            (invept, 0, 28),
        ] {
            run(core, instruction, operand).unwrap();
            assert_eq!((arithmetic(core), error(core)), (ZF, number));
        }
        core.hot.regs[RCX] = 0x1234;
        run(core, vmread, 0).unwrap();
        assert_eq!((arithmetic(core), error(core)), (ZF, 12));
        core.hot.regs[RAX] = EXIT_REASON.encoding().into();
        run(core, vmwrite, 0).unwrap();
        assert_eq!((arithmetic(core), error(core)), (ZF, 13));
        core.cpu.shadow = Shadow::MovSs;
        run(core, vmlaunch, 0).unwrap();
        assert_eq!((arithmetic(core), error(core)), (ZF, 26));
        run(core, vmclear, REGION).unwrap();
        assert_eq!(arithmetic(core), 0);
        run(core, vmlaunch, 0).unwrap();
        assert_eq!(arithmetic(core), CF);
    });
}

#[test]
fn a_vmcs_survives_while_another_one_is_current() {
    in_vmx_operation(|core| {
        core.cpu.vmx.vmcs.launch_state = LaunchState::Launched;
        let first = core.cpu.vmx.vmcs.clone();
        run(core, vmptrld, OTHER_REGION).unwrap();
        assert_eq!(core.cpu.vmx.vmcs.get(GUEST_RIP), 0);
        run(core, vmptrld, REGION).unwrap();
        assert_eq!(core.cpu.vmx.vmcs, first);
        run(core, vmclear, REGION).unwrap();
        assert_eq!(core.cpu.vmx.pointer, u64::MAX);
        run(core, vmptrld, REGION).unwrap();
        assert_eq!(core.cpu.vmx.vmcs.launch_state, LaunchState::Clear);
        assert_eq!(get(core, GUEST_RIP), 0x20_0000);
    });
}

#[test]
fn vmwrite_and_vmread_carry_a_value_to_memory() {
    in_vmx_operation(|core| {
        core.hot.regs[RAX] = GUEST_RSP.encoding().into();
        core.hot.regs[RCX] = 0x1234_5678_9abc_def0;
        // Page walks have made pages page tables, which ends a block.
        let completes = |flow: Flow| assert!(matches!(flow, Ok(()) | Err(Trap::Leave)), "{flow:?}");
        completes(vmwrite(core, &op()));
        core.hot.regs[RCX] = GUEST_RSP.encoding().into();
        completes(vmread(core, &Op { bits: OpBits::MEMORY, ..op() }));
        assert_eq!(core.mem.read_u64(OPERAND), Some(0x1234_5678_9abc_def0));
    });
}

#[test]
fn launch_and_exit_swap_guest_and_host() {
    in_vmx_operation(|core| {
        set(core, GUEST_RSP, 0x8000);
        set(core, segmented(FS), 0x7777);
        set(core, HOST_RSP, 0x5000);
        set(core, HOST_FS_BASE, 0x1_0000);
        launch(core);
        assert_eq!((core.hot.rip, core.hot.regs[RSP]), (0x20_0000, 0x8000));
        assert_eq!(core.hot.seg_base[FS], 0x7777);
        assert_eq!(core.cpu.vmx.eptp, 0x10_0000 | 3 << 3 | 6);
        core.hot.regs[RSP] = 0x8100;
        let cycles = core.hot.cycles;
        let trap = core.exit_for_instruction(ExitReason::CPUID, &op(), 0, 0);
        assert_eq!(trap, Trap::Exit(ExitReason::CPUID));
        core.vm_exit(ExitReason::CPUID);
        assert!(!core.cpu.vmx.non_root && core.cpu.vmx.eptp == 0 && core.cpu.vmx.primary == 0);
        assert_eq!((core.hot.rip, core.hot.regs[RSP]), (0xffff_8000_0000_1000, 0x5000));
        assert_eq!((core.hot.seg_base[FS], core.hot.flags.rflags()), (0x1_0000, 2));
        assert_eq!((get(core, EXIT_REASON), get(core, VM_EXIT_INSTRUCTION_LENGTH)), (10, 4));
        assert_eq!((get(core, GUEST_RSP), get(core, GUEST_RFLAGS)), (0x8100, 0x202));
        assert_eq!(core.hot.cycles - cycles, core.board.cost.vm_exit(ExitReason::CPUID));
        run(core, vmlaunch, 0).unwrap();
        assert_eq!((arithmetic(core), error(core)), (ZF, 4));
        assert_eq!(vmresume(core, &op()), Err(Trap::Leave));
        assert_eq!(core.cpu.vmx.indirect, core.board.cost.exit_indirect(ExitReason::CPUID));
        assert_eq!(core.hot.regs[RSP], 0x8100);
    });
}

fn segmented(register: usize) -> crate::vmx::Field {
    crate::vmx::segment::base(register as u8)
}

#[test]
fn every_vmx_instruction_exits_in_a_guest() {
    in_vmx_operation(|core| {
        launch(core);
        let at = Op { base: BLOCK_RIP, disp: 0x10, ..op() };
        core.hot.regs[usize::from(BLOCK_RIP)] = 0x20_0000;
        for (instruction, reason) in [
            (vmxon as fn(&mut Core<'_>, &Op) -> Flow, ExitReason::VMXON),
            (vmxoff, ExitReason::VMXOFF),
            (vmcall, ExitReason::VMCALL),
            (vmread, ExitReason::VMREAD),
            (vmwrite, ExitReason::VMWRITE),
            (vmresume, ExitReason::VMRESUME),
            (vmptrst, ExitReason::VMPTRST),
            (invvpid, ExitReason::INVVPID),
            (vmptrld, ExitReason::VMPTRLD),
        ] {
            assert_eq!(instruction(core, &at), Err(Trap::Exit(reason)));
        }
        assert_eq!(core.cpu.vmx.exit.qualification, 0x20_0010);
    });
}

#[test]
fn invalid_guest_state_returns_to_the_host_and_saves_nothing() {
    in_vmx_operation(|core| {
        set(core, GUEST_RSP, 0x8888);
        set(core, VM_ENTRY_INTERRUPTION_INFO, 0x8000_0020);
        set(core, GUEST_RFLAGS, 0x200);
        assert_eq!(vm_entry(core, &op(), true), Err(Trap::Leave));
        assert!(!core.cpu.vmx.non_root);
        assert_eq!(get(core, EXIT_REASON), 33 | 1 << 31);
        assert_eq!(get(core, VM_ENTRY_INTERRUPTION_INFO), 0x8000_0020);
        assert_eq!((core.hot.rip, get(core, GUEST_RSP)), (0xffff_8000_0000_1000, 0x8888));
        assert_eq!(core.cpu.vmx.vmcs.launch_state, LaunchState::Clear);
    });
}

#[test]
fn an_msr_that_may_not_be_loaded_fails_the_entry_and_aborts_the_exit() {
    in_vmx_operation(|core| {
        let list = [0xc000_0082u64, 0x1000, 0xc000_0100, 0];
        for (n, word) in list.iter().enumerate() {
            core.mem.write_bytes(0xe000 + 8 * n as u64, &word.to_le_bytes());
        }
        set(core, VM_ENTRY_MSR_LOAD_ADDRESS, 0xe000);
        set(core, VM_ENTRY_MSR_LOAD_COUNT, 2);
        assert_eq!(vm_entry(core, &op(), true), Err(Trap::Leave));
        assert_eq!((get(core, EXIT_REASON), get(core, EXIT_QUALIFICATION)), (34 | 1 << 31, 2));
        assert_eq!(core.cpu.msrs.lstar, 0x1000);
        set(core, VM_ENTRY_MSR_LOAD_COUNT, 1);
        set(core, VM_EXIT_MSR_LOAD_ADDRESS, 0xe000);
        set(core, VM_EXIT_MSR_LOAD_COUNT, 2);
        launch(core);
        core.vm_exit(ExitReason::HLT);
        assert_eq!(core.cpu.activity, Activity::Shutdown);
        assert_eq!(core.mem.read_u32(REGION + 4), Some(4));
    });
}

#[test]
fn the_preemption_timer_counts_every_thirty_second_cycle() {
    in_vmx_operation(|core| {
        let control = u64::from(pin::ACTIVATE_PREEMPTION_TIMER);
        core.cpu.vmx.vmcs.set_bits(PIN_BASED_CONTROLS, control);
        core.cpu.vmx.vmcs.set_bits(VM_EXIT_CONTROLS, exit::SAVE_PREEMPTION_TIMER_VALUE.into());
        set(core, VMX_PREEMPTION_TIMER_VALUE, 100);
        core.hot.cycles = 32_000 + 5 - core.board.cost.vm_entry % 32;
        launch(core);
        let started = core.hot.cycles;
        assert_eq!(started % 32, 5);
        assert_eq!(core.cpu.vmx.preemption_cycle, started - 5 + 3200);
        core.hot.cycles += 32 * 40;
        core.vm_exit(ExitReason::HLT);
        assert_eq!(get(core, VMX_PREEMPTION_TIMER_VALUE), 60);
        assert_eq!(core.cpu.vmx.preemption_cycle, u64::MAX);
    });
}

#[test]
fn interrupt_blocking_comes_and_goes_with_the_guest() {
    in_vmx_operation(|core| {
        set(core, GUEST_INTERRUPTIBILITY_STATE, 1);
        launch(core);
        assert_eq!(core.cpu.shadow, Shadow::Sti);
        core.vm_exit(ExitReason::CPUID);
        assert_eq!((core.cpu.shadow, get(core, GUEST_INTERRUPTIBILITY_STATE)), (Shadow::None, 1));
        set(core, GUEST_INTERRUPTIBILITY_STATE, 0);
        set(core, GUEST_ACTIVITY_STATE, 1);
        assert_eq!(vmresume(core, &op()), Err(Trap::Leave));
        assert_eq!(core.cpu.activity, Activity::Halted);
        core.vm_exit(ExitReason::EXTERNAL_INTERRUPT);
        assert_eq!((core.cpu.activity, get(core, GUEST_ACTIVITY_STATE)), (Activity::Active, 1));
    });
}

#[test]
fn a_failed_delivery_of_an_injected_event_exits_with_the_event() {
    in_vmx_operation(|core| {
        core.cpu.vmx.vmcs.set_bits(PRIMARY_PROCESSOR_BASED_CONTROLS, primary::MONITOR_TRAP_FLAG.into());
        set(core, GUEST_IDTR_LIMIT, 0xfff);
        set(core, VM_ENTRY_INTERRUPTION_INFO, 0x8000_0020);
        // The EPT root is outside RAM, so reading the gate is a misconfiguration.
        assert_eq!(vm_entry(core, &op(), true), Err(Trap::Leave));
        assert!(!core.cpu.vmx.non_root && !core.cpu.vmx.mtf_pending);
        assert_eq!((get(core, EXIT_REASON), get(core, IDT_VECTORING_INFO)), (49, 0x8000_0020));
        assert_eq!(get(core, VM_ENTRY_INTERRUPTION_INFO), 0x20);
        assert_eq!((get(core, GUEST_RIP), core.cpu.vmx.vectoring), (0x20_0000, (0, 0)));
        assert_eq!(get(core, GUEST_RFLAGS), 0x202);
    });
}

#[test]
fn the_page_fault_mask_and_match_turn_the_bitmap_round() {
    in_vmx_operation(|core| {
        set(core, EXCEPTION_BITMAP, 1 << 6);
        set(core, PAGE_FAULT_ERROR_CODE_MASK, 1);
        set(core, PAGE_FAULT_ERROR_CODE_MATCH, 1);
        launch(core);
        assert!(core.exception_exits(6, 0) && !core.exception_exits(13, 0));
        assert!(core.exception_exits(14, 2) && !core.exception_exits(14, 3));
    });
}

#[test]
fn the_host_owns_what_its_masks_say() {
    in_vmx_operation(|core| {
        set(core, CR0_GUEST_HOST_MASK, cr0::TS | cr0::NE);
        set(core, CR0_READ_SHADOW, 0);
        core.cpu.vmx.vmcs.set_bits(PRIMARY_PROCESSOR_BASED_CONTROLS, primary::CR3_LOAD_EXITING.into());
        set(core, CR3_TARGET_COUNT, 1);
        set(core, CR3_TARGET_VALUE_0, 0x4000);
        launch(core);
        let real = core.cpu.cr0;
        assert_eq!(core.cr0_seen(), real & !cr0::NE);
        assert_eq!(core.cr_write_in_guest(0, core.cr0_seen() | cr0::WP), Some(real | cr0::WP));
        assert_eq!(core.cr_write_in_guest(0, core.cr0_seen() | cr0::TS), None);
        assert_eq!(core.cr_write_in_guest(3, 0x4000), Some(0x4000));
        assert_eq!(core.cr_write_in_guest(3, 0x5000), None);
    });
}

#[test]
fn bitmaps_decide_over_msrs_and_ports() {
    in_vmx_operation(|core| {
        core.mem.write_bytes(0x6000 + 0x80b / 8 + 2048, &[1 << (0x80b % 8)]);
        core.mem.write_bytes(0x4000 + 0x3f8 / 8, &[1]);
        assert!(!core.msr_exits(0x80b, true));
        launch(core);
        assert!(core.msr_exits(0x80b, true) && !core.msr_exits(0x80b, false));
        assert!(core.msr_exits(0x4000_0000, false));
        assert!(core.io_exits(0x3f8, 1) && core.io_exits(0x3f7, 2) && !core.io_exits(0x3f9, 1));
    });
}
