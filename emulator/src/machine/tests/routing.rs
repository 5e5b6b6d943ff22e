//! Whom a message reaches.

use super::*;
use crate::apic::DeliveryMode;
use crate::apic::msi::Interrupt;
use crate::iommu;
use crate::machine::interrupts::from_device;
use crate::trace::Origin;

const VECTOR: u8 = 0x41;

/// The processors that a message reaches, where these are the task priorities.
fn reached(priorities: &[u8], interrupt: Interrupt) -> Vec<usize> {
    let mut board = board(priorities.len() as u8);
    for (cpu, priority) in (0..).zip(priorities) {
        board.apic_write(cpu, Time::ZERO, 0x808, (*priority).into(), false).expect("a legal write");
    }
    let life = board.trace.begin_life(0, Time::ZERO, Origin::Virtual);
    board.fabric(Time::ZERO).deliver(interrupt, life);
    let now = board.apics[0].pending().map(|_| 0);
    let later = board.turns.take_mail();
    now.into_iter().chain(later.iter().map(|letter| letter.target.into())).collect()
}

#[test]
fn a_redirection_hint_makes_one_of_a_logical_destination() {
    let fixed = Interrupt {
        destination: 0b1110,
        logical: true,
        redirection_hint: true,
        delivery_mode: DeliveryMode::Fixed,
        vector: VECTOR,
        level: false,
    };
    // Task priorities, and who it is: the lowest, of equals the first. Processor 0 is not meant.
    let rows: [(&[u8; 4], usize); 3] =
        [(&[0, 0x20, 0x20, 0x20], 1), (&[0, 0x30, 0x20, 0x20], 2), (&[0, 0x30, 0x20, 0x10], 3)];
    for (priorities, cpu) in rows {
        assert_eq!(reached(priorities, fixed), [cpu], "{priorities:x?}");
    }
    let message = iommu::Interrupt::of_compatibility(0xfee0_e00c, 0x41);
    assert_eq!(from_device(&message), Interrupt { destination: 0xe, ..fixed });
    let unhinted = Interrupt { redirection_hint: false, ..fixed };
    assert_eq!(reached(&[0; 4], unhinted), [1, 2, 3]);
    let lowest = Interrupt { delivery_mode: DeliveryMode::LowestPriority, ..unhinted };
    assert_eq!(reached(&[0, 9, 8, 9], lowest), [2]);
    // A physical destination names one already, or everybody.
    let physical = Interrupt { destination: 2, logical: false, ..fixed };
    assert_eq!(reached(&[0; 4], physical), [2]);
    let everybody = Interrupt { destination: u32::MAX, ..physical };
    assert_eq!(reached(&[0; 4], everybody), [0, 1, 2, 3]);
}
