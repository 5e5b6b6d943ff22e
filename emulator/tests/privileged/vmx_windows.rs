//! What exits between instructions: the monitor trap flag, the preemption timer, windows, NMIs, interrupts (SDM
//! 3C 25.2, 25.5).

use emulator::vmx::controls::{exit as exit_controls, pin, primary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

const VALID: u64 = 1 << 31;

/// The guest sends itself interrupts: its MSR writes pass.
pub fn own_apic() -> Set {
    primary_controls(primary::USE_MSR_BITMAPS)
}

pub fn wrmsr(a: &mut CodeAssembler, msr: u32, value: u32) -> Result<(), IcedError> {
    a.mov(ecx, msr)?;
    a.mov(eax, value)?;
    a.xor(edx, edx)?;
    a.wrmsr()
}

pub fn apic(a: &mut CodeAssembler) -> Result<(), IcedError> {
    wrmsr(a, 0x1b, 0xfee0_0d00)?;
    wrmsr(a, 0x80f, 0x1ff)
}

pub fn nmi(a: &mut CodeAssembler) -> Result<(), IcedError> {
    wrmsr(a, 0x830, 0x4400)
}

#[test]
fn the_monitor_trap_flag_exits_after_one_instruction() {
    let mtf = || primary_controls(primary::MONITOR_TRAP_FLAG);
    assert_eq!(exit(&[mtf()], &|a| a.nop()).why(), (37, 0));
    assert_eq!(exit(&[mtf()], &|a| a.nop()).at().0, 1);
    // An injected event: before the first instruction of its handler.
    let injected = exit(&[mtf(), (VM_ENTRY_INTERRUPTION_INFO, VALID | 2 << 8 | 2)], &|a| a.nop());
    assert_eq!((injected.reason(), injected.get(GUEST_RIP)), (37, HANDLERS + 32));
    // A fault: after its delivery.
    let fault = exit(&[mtf()], &|a| a.ud2());
    assert_eq!((fault.reason(), fault.get(GUEST_RIP)), (37, HANDLERS + 6 * 16));
    // A repeated string instruction: after its first iteration.
    let string = exit(&[mtf()], &|a| a.db(&[0xf3, 0xaa]));
    assert_eq!((string.reason(), string.at().0), (37, 0));
    // An instruction that exits does so.
    assert_eq!(exit(&[mtf()], &|a| a.cpuid()).reason(), 10);
    // Before a single-step trap, which stays pending.
    let step = exit(&[mtf(), (GUEST_RFLAGS, 0x102), bitmap(&[1])], &|a| a.nop());
    assert_eq!((step.reason(), step.get(GUEST_PENDING_DEBUG_EXCEPTIONS)), (37, 1 << 14));
    // Asked for by an injection of type 7.
    let other = exit(&[(VM_ENTRY_INTERRUPTION_INFO, VALID | 7 << 8)], &|a| a.nop());
    assert_eq!((other.reason(), other.at().0), (37, 0));
}

#[test]
fn the_preemption_timer_exits_between_instructions() {
    let timer =
        |value: u64| [pin_controls(pin::ACTIVATE_PREEMPTION_TIMER), (VMX_PREEMPTION_TIMER_VALUE, value)];
    let forever: Body<'_> = &|a| a.db(&[0xeb, 0xfe]);
    assert_eq!(exit(&timer(100), forever).why(), (52, 0));
    // At once, but not before a debug trap (25.5.1).
    assert_eq!(exit(&timer(0), forever).at().0, 0);
    let pending = [&timer(0)[..], &[(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 14), bitmap(&[1])]].concat();
    assert_eq!(exit(&pending, forever).why(), (0, 1 << 14));
    // In the HLT and the shutdown state, too.
    for state in [1, 2] {
        let asleep = [&timer(100)[..], &[(GUEST_ACTIVITY_STATE, state)]].concat();
        let asleep = exit(&asleep, forever);
        assert_eq!((asleep.reason(), asleep.get(GUEST_ACTIVITY_STATE)), (52, state));
    }
}

#[test]
fn windows_open_when_the_guest_can_take_the_event() {
    let window = || primary_controls(primary::INTERRUPT_WINDOW_EXITING);
    let sti = exit(&[window()], &|a| {
        a.nop()?;
        a.sti()?;
        a.nop()?;
        a.nop()
    });
    assert_eq!((sti.why(), sti.at().0), ((7, 0), 3));
    assert_eq!(exit(&[window(), (GUEST_RFLAGS, 0x202)], &|a| a.nop()).at().0, 0);
    let nmis = pin_controls(pin::NMI_EXITING | pin::VIRTUAL_NMIS);
    let nmi_window = primary_controls(primary::NMI_WINDOW_EXITING);
    assert_eq!(exit(&[nmis, nmi_window], &|a| a.nop()).why(), (8, 0));
    // Blocked by a virtual NMI until IRET.
    let blocked = [nmis, nmi_window, (GUEST_INTERRUPTIBILITY_STATE, 8)];
    let blocked = exit(&blocked, &|a| {
        for value in [selector::DATA, GUEST_STACK, 2, selector::CODE, GATE_TARGET] {
            a.mov(rax, value)?;
            a.push(rax)?;
        }
        a.iretq()
    });
    assert_eq!((blocked.reason(), blocked.get(GUEST_RIP)), (8, GATE_TARGET));
    assert_eq!(blocked.get(GUEST_INTERRUPTIBILITY_STATE), 0);
}

#[test]
fn an_nmi_exits_or_is_delivered_and_blocks() {
    let body: Body<'_> = &|a| {
        apic(a)?;
        nmi(a)?;
        a.nop()
    };
    let exits = exit(&[own_apic(), pin_controls(pin::NMI_EXITING)], body);
    assert_eq!(exits.get(VM_EXIT_INTERRUPTION_INFO), VALID | 2 << 8 | 2);
    // It blocks NMIs in the host, not in what is saved (27.1).
    assert_eq!(exits.get(GUEST_INTERRUPTIBILITY_STATE), 0);
    let delivered = exit(&[own_apic()], body);
    assert_eq!((delivered.reason(), delivered.get(GUEST_RIP)), (12, HANDLERS + 32));
    assert_eq!(delivered.get(GUEST_INTERRUPTIBILITY_STATE), 8);
    // The shutdown state wakes for it.
    let asleep = [own_apic(), pin_controls(pin::NMI_EXITING), (GUEST_ACTIVITY_STATE, 2)];
    let before: Body<'_> = &|a| {
        apic(a)?;
        a.nop()
    };
    let mut machine = vm(&asleep, before, body);
    assert!(matches!(
        machine.run(emulator::machine::Budget::until(emulator::time::Time::ms(1))),
        emulator::machine::Stop::Halted { .. } | emulator::machine::Stop::Budget
    ));
    assert_eq!(machine.registers(0).rip, GUEST);
}

#[test]
fn an_external_interrupt_exits_with_its_vector_if_it_is_acknowledged() {
    let body: Body<'_> = &|a| {
        apic(a)?;
        wrmsr(a, 0x83f, OPEN as u32)?;
        a.nop()
    };
    let exiting = pin_controls(pin::EXTERNAL_INTERRUPT_EXITING);
    let kept = exit(&[own_apic(), exiting], body);
    assert_eq!((kept.why(), kept.get(VM_EXIT_INTERRUPTION_INFO)), ((1, 0), 0));
    let acknowledge = exit_controls::DEFAULT1
        | exit_controls::HOST_ADDRESS_SPACE_SIZE
        | exit_controls::ACKNOWLEDGE_INTERRUPT_ON_EXIT;
    let taken = exit(&[own_apic(), exiting, (VM_EXIT_CONTROLS, acknowledge.into())], body);
    assert_eq!(taken.get(VM_EXIT_INTERRUPTION_INFO), VALID | OPEN);
    // Without exiting the guest's own IF decides.
    let masked = exit(&[own_apic()], body);
    assert_eq!((masked.reason(), masked.get(GUEST_RIP) > GUEST), (12, true));
    let open = exit(&[own_apic(), (GUEST_RFLAGS, 0x202)], body);
    assert_eq!(open.get(GUEST_RIP), HANDLERS + OPEN * 16);
}
