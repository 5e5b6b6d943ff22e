//! The I/O APIC and the message formats.

use super::*;
use crate::apic::msi::{Interrupt, Message, decode, is_remappable};

fn read(ioapic: &mut IoApic, index: u8) -> u32 {
    ioapic.mmio_write(IOREGSEL, index.into());
    ioapic.mmio_read(IOWIN)
}

fn write(ioapic: &mut IoApic, index: u8, value: u32) -> Vec<Message> {
    ioapic.mmio_write(IOREGSEL, index.into());
    ioapic.mmio_write(IOWIN, value)
}

fn with_entry(pin: u8, rte: u64) -> IoApic {
    let mut ioapic = IoApic::new(0);
    write(&mut ioapic, 0x11 + 2 * pin, (rte >> 32) as u32);
    write(&mut ioapic, 0x10 + 2 * pin, rte as u32);
    ioapic
}

#[test]
fn the_registers_are_those_of_a_version_20_part_with_24_pins() {
    let mut ioapic = IoApic::new(2);
    assert_eq!(read(&mut ioapic, 0), 0x0200_0000);
    assert_eq!(read(&mut ioapic, 1), 0x0017_0020);
    assert_eq!(read(&mut ioapic, 0x10), 0x0001_0000);
    assert_eq!(read(&mut ioapic, 0x3f), 0);
    assert_eq!(read(&mut ioapic, 0x40), 0, "no 25th pin");
    write(&mut ioapic, 0x3e, u32::MAX);
    assert_eq!(read(&mut ioapic, 0x3e), 0x0001_afff, "delivery status and remote IRR are read-only");
    write(&mut ioapic, 0, u32::MAX);
    assert_eq!(read(&mut ioapic, 0), 0x0f00_0000);
    for index in 0..=255 {
        write(&mut ioapic, index, u32::MAX);
        read(&mut ioapic, index);
    }
}

#[test]
fn an_edge_sends_once_and_is_lost_at_a_masked_pin() {
    let mut ioapic = with_entry(4, 0x0300_0000_0000_0841);
    let sent = Message { address: 0xfee0_3004, data: 0x4041 };
    assert_eq!(ioapic.set_line(4, true), Some(sent));
    assert_eq!(ioapic.set_line(4, true), None);
    assert_eq!(ioapic.set_line(4, false), None);
    write(&mut ioapic, 0x18, 0x1_0841);
    assert_eq!(ioapic.set_line(4, true), None);
    assert_eq!(write(&mut ioapic, 0x18, 0x841), [], "an edge is not held");
    assert_eq!(ioapic.set_line(24, true), None);
}

#[test]
fn a_level_sends_again_after_each_eoi_while_asserted() {
    let mut ioapic = with_entry(9, 0x8051);
    let sent = Message { address: 0xfee0_0000, data: 0xc051 };
    assert_eq!(ioapic.set_line(9, true), Some(sent));
    assert_eq!(ioapic.set_line(9, true), None, "remote IRR");
    assert_eq!(read(&mut ioapic, 0x22), 0xc051);
    assert_eq!(ioapic.eoi_broadcast(0x52), []);
    assert_eq!(ioapic.eoi_broadcast(0x51), [sent]);
    ioapic.set_line(9, false);
    assert_eq!(ioapic.mmio_write(IOEOI, 0x51), []);
    assert_eq!(read(&mut ioapic, 0x22), 0x8051);
}

#[test]
fn unmasking_an_asserted_level_sends_and_an_edge_setting_clears_remote_irr() {
    let mut ioapic = with_entry(9, 0x1_8051);
    assert_eq!(ioapic.set_line(9, true), None);
    assert_eq!(write(&mut ioapic, 0x22, 0x8051).len(), 1);
    write(&mut ioapic, 0x22, 0x1_0051);
    assert_eq!(read(&mut ioapic, 0x22), 0x1_0051);
}

#[test]
fn a_remappable_entry_passes_index_and_format_through() {
    // Index 9234H (bit 15 in entry bit 11), format 1: VT-d 5.1.5.1 and 5.1.2.2.
    let mut ioapic = with_entry(3, 0x1234 << 49 | 1 << 48 | 1 << 11 | 0x61);
    let sent = ioapic.set_line(3, true).unwrap();
    assert!(is_remappable(sent.address));
    assert_eq!(sent.address, 0xfee0_0000 | 0x1234 << 5 | 1 << 4 | 1 << 2);
    assert_eq!(sent.data, 0x4061);
}

#[test]
fn compatibility_messages_decode_by_field() {
    let fixed = Interrupt {
        destination: 3,
        logical: false,
        redirection_hint: false,
        delivery_mode: DeliveryMode::Fixed,
        vector: 0x41,
        level: false,
    };
    assert_eq!(decode(0xfee0_3000, 0x41), Some(fixed));
    let lowest = Interrupt {
        logical: true,
        redirection_hint: true,
        delivery_mode: DeliveryMode::LowestPriority,
        level: true,
        ..fixed
    };
    assert_eq!(decode(0xfee0_300c, 0xc141), Some(lowest));
    assert_eq!(decode(0xfee0_300c, 0x8141), None, "level de-asserted");
    assert_eq!(decode(0xfef0_3000, 0x41), None);
    assert_eq!(decode(0x1_fee0_3000, 0x41), None);
}

#[test]
fn lowest_priority_sets_the_redirection_hint() {
    let mut ioapic = with_entry(0, 0xff00_0000_0000_0941);
    assert_eq!(ioapic.set_line(0, true), Some(Message { address: 0xfeef_f00c, data: 0x4141 }));
}
