//! INTR: by LINT0, by the I/O APIC, and to nobody.

use super::lines::Lab;
use super::*;
use crate::apic::spec::{LVT_LINT0, REGISTERS};
use crate::trace::Kind;

/// The 8259s initialized, vectors 30H on, all but the timer masked, and the timer's output high.
fn requesting() -> Lab {
    let mut lab = Lab::new();
    let words = [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x21, 0xfe)];
    for (port, value) in words.into_iter().chain([(0x43, 0x34)]) {
        lab.out(Time::ZERO, port, value);
    }
    lab
}

fn lint0(lab: &mut Lab, value: u64) {
    let register = REGISTERS.iter().find(|r| r.offset == LVT_LINT0).expect("in the table");
    lab.board.apic_write(0, Time::ZERO, register.index(), value, false).expect("a legal write");
}

#[test]
fn intr_reaches_the_first_processor_by_lint0_in_extint_mode() {
    let mut lab = requesting();
    assert!(lab.board.lines.intr && !lab.board.interrupt_waits(0), "LINT0 is masked after reset");
    lint0(&mut lab, 0x1_0700);
    assert!(!lab.board.interrupt_waits(0), "still masked");
    lint0(&mut lab, 0x700);
    // Whatever the priorities.
    lab.board.apic_write(0, Time::ZERO, 0x808, 0xff, false).expect("TPR");
    assert!(lab.board.interrupt_waits(0));
    let (vector, life) = lab.board.acknowledge(0, Time::ZERO, false).expect("the timer's");
    assert_eq!(vector, 0x30);
    assert!(!lab.board.interrupt_waits(0));
    assert_eq!(lab.board.apics[0].in_service(), None, "no local APIC knows of it");
    assert!(lab.board.trace.lives().get(life).is_some_and(|life| life.arrival.is_some()));
    let ended = lab.with(|board, mem| board.port_write(0, Time::ZERO, 0x20, 1, 0x20, mem));
    assert_eq!(ended, Some((0x30, life)));
}

#[test]
fn without_a_local_apic_lint0_is_intr() {
    let mut lab = requesting();
    lab.board.apic_write(0, Time::ZERO, 0x1b, 0xfee0_0100, false).expect("it is disabled");
    assert!(lab.board.interrupt_waits(0));
}

#[test]
fn lint0_may_be_an_interrupt_of_its_own() {
    let mut lab = Lab::new();
    lint0(&mut lab, 0x45);
    for (port, value) in [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x43, 0x34)] {
        lab.out(Time::ZERO, port, value);
    }
    assert_eq!(lab.pending(Time::ZERO), Some(0x45), "a rise");
    let mut level = requesting();
    lint0(&mut level, 0x8046);
    assert_eq!(level.pending(Time::ZERO), Some(0x46), "a level, when it is unmasked");
    level.board.apics[0].acknowledge();
    assert_eq!(level.pending(Time::ZERO), None);
    level.board.apic_write(0, Time::ZERO, 0x80b, 0, false).expect("EOI");
    assert_eq!(level.pending(Time::ZERO), Some(0x46), "it lasts");
    let mut nmi = Lab::new();
    lint0(&mut nmi, 0x400);
    for (port, value) in [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x43, 0x34)] {
        nmi.out(Time::ZERO, port, value);
    }
    assert!(nmi.board.signals[0].nmi);
}

#[test]
fn intr_reaches_a_processor_by_an_io_apic_entry_of_mode_extint() {
    let mut lab = Lab::new();
    lab.entry(0, 0x700);
    for (port, value) in [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x43, 0x34)] {
        lab.out(Time::ZERO, port, value);
    }
    assert_eq!(lab.pending(Time::ZERO), None, "no local APIC has it pending");
    assert!(lab.board.interrupt_waits(0));
    assert_eq!(lab.board.acknowledge(0, Time::ZERO, false).map(|(vector, _)| vector), Some(0x30));
    assert!(!lab.board.interrupt_waits(0));
}

#[test]
fn a_message_whose_request_is_gone_is_spurious() {
    let mut lab = Lab::new();
    lab.board.trace.set_ring(64);
    lab.entry(0, 0x700);
    for (port, value) in [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x43, 0x34)] {
        lab.out(Time::ZERO, port, value);
    }
    lab.out(Time::ZERO, 0x21, 0xff);
    assert_eq!(
        lab.board.acknowledge(0, Time::ZERO, false).map(|(v, life)| (v, life.is_none())),
        Some((0x37, true))
    );
    let dropped = lab.board.trace.take_records().iter().filter(|r| r.kind == Kind::Dropped).count();
    assert_eq!((dropped, lab.board.trace.lives().iter().count()), (1, 0));
}

#[test]
fn an_event_timer_that_replaces_the_8254_is_irq_0_here_too() {
    let mut lab = Lab::new();
    for (port, value) in [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x21, 0xfe)] {
        lab.out(Time::ZERO, port, value);
    }
    lint0(&mut lab, 0x700);
    lab.replace_the_8254();
    lab.pending(Time::us(999));
    assert!(!lab.board.interrupt_waits(0));
    lab.pending(Time::us(1_001));
    assert_eq!(lab.board.acknowledge(0, Time::us(1_001), false).map(|(vector, _)| vector), Some(0x30));
}
