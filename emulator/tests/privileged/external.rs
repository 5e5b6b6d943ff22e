//! Interrupts of the 8259s at the processor: IF, the HLT state, and VM exits (SDM 3A 6.3.1, 11.5.1; 3C 27.2.2).

use emulator::state::Node;
use emulator::vmx::controls::{exit as exit_controls, pin};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;
use crate::vmx_windows::{apic, wrmsr};

/// The vector of IRQ 0: one that no exception has, and whose gate is a plain one.
const IRQ_0: u64 = 0x18;

fn out(a: &mut CodeAssembler, port: i32, value: u32) -> Result<(), IcedError> {
    a.mov(eax, value)?;
    a.out(port, al)
}

/// LINT0 in mode ExtINT, the primary 8259 with the timer's input open, and the timer in mode 0, whose output
/// rises `ticks` later.
fn timer(a: &mut CodeAssembler, ticks: u32) -> Result<(), IcedError> {
    apic(a)?;
    wrmsr(a, 0x835, 0x700)?;
    for (port, value) in [(0x20, 0x11), (0x21, IRQ_0 as u32), (0x21, 4), (0x21, 1), (0x21, 0xfe)] {
        out(a, port, value)?;
    }
    for (port, value) in [(0x43, 0x30), (0x40, ticks & 0xff), (0x40, ticks >> 8)] {
        out(a, port, value)?;
    }
    Ok(())
}

#[test]
fn an_8259s_interrupt_waits_for_if_and_ends_the_hlt_state() {
    let woken = end(Level::Kernel, &|a| {
        timer(a, 100)?;
        a.sti()?;
        a.hlt()
    });
    assert_eq!(woken.vector(), IRQ_0);
    let masked = end(Level::Kernel, &|a| {
        timer(a, 1)?;
        a.mov(ecx, 10_000)?;
        let mut again = a.create_label();
        a.set_label(&mut again)?;
        a.dec(ecx)?;
        a.jne(again)
    });
    assert_eq!(masked.vector(), 6, "the end of the program");
}

#[test]
fn an_exit_takes_the_8259s_vector_if_it_acknowledges() {
    let run = |controls: u32, changes: &[Set]| {
        let exits = (
            VM_EXIT_CONTROLS,
            (exit_controls::DEFAULT1 | exit_controls::HOST_ADDRESS_SPACE_SIZE | controls).into(),
        );
        let changes = [&[exits], changes].concat();
        exit_of(vm(&changes, &|a| timer(a, 1), &|a| {
            a.mov(ecx, 10_000)?;
            let mut again = a.create_label();
            a.set_label(&mut again)?;
            a.dec(ecx)?;
            a.jne(again)
        }))
    };
    let chip = |exit: &Exit| {
        let tree = exit.0.machine.inspect();
        ["IRR", "ISR"].map(|name| match tree.find(&format!("platform/pic_primary/{name}")) {
            Some(Node::Value { value, .. }) => *value,
            other => panic!("{name}: {other:?}"),
        })
    };
    let exiting = [pin_controls(pin::EXTERNAL_INTERRUPT_EXITING)];
    let kept = run(0, &exiting);
    assert_eq!((kept.why(), kept.get(VM_EXIT_INTERRUPTION_INFO)), ((1, 0), 0));
    assert_eq!(chip(&kept), [1, 0]);
    let taken = run(exit_controls::ACKNOWLEDGE_INTERRUPT_ON_EXIT, &exiting);
    assert_eq!((taken.why(), taken.get(VM_EXIT_INTERRUPTION_INFO)), ((1, 0), 1 << 31 | IRQ_0));
    assert_eq!(chip(&taken), [0, 1]);
    // Without exiting the guest takes it by its own IDT.
    let open = run(0, &[(GUEST_RFLAGS, 0x202)]);
    assert_eq!(open.get(GUEST_RIP), HANDLERS + IRQ_0 * 16);
}
