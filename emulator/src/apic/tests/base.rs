//! IA32_APIC_BASE and resets.

use super::*;

const BASE: u64 = 0xfee0_0000 | BASE_BSP;
const DISABLED: u64 = BASE;
const INVALID: u64 = BASE | BASE_EXTD;
const XAPIC: u64 = BASE | BASE_EN;
const X2APIC: u64 = BASE | BASE_EN | BASE_EXTD;

#[test]
fn only_the_transitions_of_figure_11_27_are_legal() {
    let rows = [
        (XAPIC, [(DISABLED, true), (INVALID, false), (XAPIC, true), (X2APIC, true)]),
        (X2APIC, [(DISABLED, true), (INVALID, false), (XAPIC, false), (X2APIC, true)]),
        (DISABLED, [(DISABLED, true), (INVALID, false), (XAPIC, true), (X2APIC, false)]),
    ];
    for (from, tos) in rows {
        for (to, legal) in tos {
            let mut apic = LocalApic::new(0, true, TIMER_HZ, Clock::new(TSC_HZ));
            apic.write_base(from).unwrap();
            let result = apic.write_base(to);
            assert_eq!(result.is_ok(), legal, "{from:#x} to {to:#x}");
            assert_eq!(apic.base_msr(), if legal { to } else { from });
            assert_eq!(result == Ok(Action::ModeChanged), legal && from != to);
        }
    }
}

#[test]
fn reserved_bits_of_the_base_fault() {
    for bit in (0..8).chain([9]).chain(40..64) {
        assert_eq!(xapic().write_base(XAPIC | 1 << bit), Err(Fault), "bit {bit}");
    }
    assert_eq!(xapic().write_base(XAPIC | 1 << 39), Ok(Action::ModeChanged));
    let mut wider = xapic();
    wider.set_physical_address_bits(46);
    assert!(wider.write_base(XAPIC | 1 << 45).is_ok());
    assert!(wider.write_base(XAPIC | 1 << 46).is_err());
}

#[test]
fn x2apic_mode_keeps_what_is_pending_but_not_ldr_icr_high_or_a_written_id() {
    let mut apic = xapic();
    apic.mmio_write(ID, 0x0500_0000, NOW);
    apic.mmio_write(LDR, 0x0200_0000, NOW);
    apic.mmio_write(ICR_HIGH, 0x0700_0000, NOW);
    apic.mmio_write(TPR, 0x20, NOW);
    edge(&mut apic, 0x41, 7);
    apic.write_base(X2APIC).unwrap();
    assert_eq!(apic.read_msr(msr(ID), NOW), Ok(0));
    assert_eq!(apic.read_msr(msr(LDR), NOW), Ok(1));
    assert_eq!(apic.read_msr(msr(ICR), NOW), Ok(0));
    assert_eq!(apic.read_msr(msr(TPR), NOW), Ok(0x20));
    assert_eq!(apic.acknowledge(), Some((0x41, LifeId(7))));
}

#[test]
fn disabling_loses_everything_and_says_beforehand_what() {
    let mut apic = x2apic();
    edge(&mut apic, 0x51, 1);
    apic.acknowledge();
    edge(&mut apic, 0x41, 2);
    assert_eq!(apic.lives(), [(0x41, LifeId(2)), (0x51, LifeId(1))]);
    apic.write_base(DISABLED).unwrap();
    assert!(apic.lives().is_empty());
    assert_eq!(edge(&mut apic, 0x41, 3), Accepted::Dropped(DropReason::Disabled));
    assert_eq!(apic.read_msr(msr(ID), NOW), Err(Fault));
    assert_eq!(apic.mmio_read(VERSION, NOW), u32::MAX);
}

#[test]
fn init_resets_the_registers_but_keeps_mode_and_id() {
    let mut apic = x2apic_of(0x123);
    apic.write_msr(msr(LVT_TIMER), 0x4_0040, NOW).unwrap();
    apic.write_deadline(1000, NOW);
    apic.write_msr(msr(TPR), 0x30, NOW).unwrap();
    apic.init_reset();
    assert_eq!(apic.mode(), Mode::X2apic);
    assert_eq!(apic.read_msr(msr(ID), NOW), Ok(0x123));
    assert_eq!((apic.tpr(), apic.deadline_msr(), apic.next_event()), (0, 0, Time::NEVER));
    assert_eq!(apic.read_msr(msr(SVR), NOW), Ok(0xff));
    assert_eq!(apic.read_msr(msr(LVT_TIMER), NOW), Ok(0x1_0000));
}
