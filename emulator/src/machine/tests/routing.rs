//! Whom a message reaches.

use super::*;
use crate::apic::DeliveryMode;
use crate::apic::msi::Interrupt;
use crate::iommu;
use crate::machine::interrupts::from_device;
use crate::memory::{Memory, Pages};
use crate::nic::NicClient;
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

/// The vector that processor 0 would take.
fn pending(board: &Board) -> Option<u8> {
    board.apics[0].pending().map(|(vector, _)| vector)
}

/// A device's write of a message, by [`DeliveryMode::Fixed`] to processor 0.
fn written(board: &mut Board, address: u64, vector: u32) -> Vec<u8> {
    let mut ram = vec![0; 1 << 20];
    let mut pages = Pages::new(ram.len());
    let mut memory = Memory { ram: &mut ram, pages: &mut pages };
    let (_, mut port) = board.nic_port(Time::ZERO, &mut memory);
    let life = port.raise(0);
    port.message(address, vector, life);
    ram
}

#[test]
fn a_message_elsewhere_is_a_memory_write() {
    let mut board = board(1);
    let ram = written(&mut board, 0x1000, 0x41);
    assert_eq!((pending(&board), &ram[0x1000..0x1004]), (None, &[0x41, 0, 0, 0][..]));
    written(&mut board, 0xfee0_0000, 0x41);
    assert_eq!(pending(&board), Some(0x41));
}

#[test]
fn an_illegal_vector_from_a_device_raises_the_error_interrupt_at_once() {
    let mut board = board(1);
    board.apic_write(0, Time::ZERO, 0x837, 0xe1, false).expect("LVT Error");
    written(&mut board, 0xfee0_0000, 5);
    assert_eq!(pending(&board), Some(0xe1), "SDM 3A 11.5.3");
}

#[test]
fn an_ipi_to_all_others_passes_by_a_disabled_local_apic() {
    let mut board = board(3);
    board.apic_write(1, Time::ZERO, 0x1b, 0xfee0_0000, false).expect("a legal write");
    board.apic_write(0, Time::ZERO, 0x830, 3 << 18 | u64::from(VECTOR), false).expect("ICR");
    let reached: Vec<u8> = board.turns.take_mail().iter().map(|letter| letter.target).collect();
    assert_eq!(reached, [2]);
}
