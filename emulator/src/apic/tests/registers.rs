//! The register table, ESR, ICR and SELF IPI.

use super::*;

#[test]
fn every_msr_faults_exactly_where_table_11_6_says() {
    for index in 0x800..=0x8ff {
        let (reads, writes) = match index {
            0x802 | 0x803 | 0x80a | 0x80d | 0x810..=0x827 | 0x839 => (true, false),
            0x80b | 0x83f => (false, true),
            0x808 | 0x80f | 0x828 | 0x82f | 0x830 | 0x832..=0x838 | 0x83e => (true, true),
            _ => (false, false),
        };
        assert_eq!(x2apic().read_msr(index, NOW).is_ok(), reads, "RDMSR {index:#x}");
        assert_eq!(x2apic().write_msr(index, 0, NOW).is_ok(), writes, "WRMSR {index:#x}");
        assert_eq!(xapic().read_msr(index, NOW), Err(Fault), "xAPIC mode");
        assert_eq!(xapic().write_msr(index, 0, NOW), Err(Fault), "xAPIC mode");
    }
    assert_eq!(x2apic().read_msr(0x7ff, NOW), Err(Fault));
    assert_eq!(x2apic().read_msr(0x900, NOW), Err(Fault));
}

#[test]
fn every_reserved_bit_faults_and_no_other_does() {
    let rows = [
        (TPR, 0xff_u64),
        (EOI, 0),
        (SVR, 0x13ff),
        (ESR, 0),
        (LVT_CMCI, 0x1_17ff),
        (LVT_TIMER, 0x7_10ff),
        (LVT_LINT0, 0x1_f7ff),
        (LVT_ERROR, 0x1_10ff),
        (ICR, 0xffff_ffff_000c_dfff),
        (INITIAL_COUNT, 0xffff_ffff),
        (DIVIDE, 0xb),
        (SELF_IPI, 0xff),
    ];
    for (offset, legal) in rows {
        for bit in 0..64 {
            let ok = x2apic().write_msr(msr(offset), 1 << bit, NOW).is_ok();
            assert_eq!(ok, legal >> bit & 1 != 0, "{} bit {bit}", at(offset).name);
        }
    }
}

#[test]
fn in_xapic_mode_reserved_bits_are_ignored_and_reserved_registers_are_an_error() {
    let mut apic = xapic();
    apic.mmio_write(TPR, 0xffff_ff33, NOW);
    assert_eq!(apic.mmio_read(TPR, NOW), 0x33);
    apic.mmio_write(LVT_LINT0, u32::MAX, NOW);
    assert_eq!(apic.mmio_read(LVT_LINT0, NOW), 0x1_a7ff, "delivery status and remote IRR are read-only");
    assert_eq!(apic.mmio_read(DFR, NOW), u32::MAX);
    apic.mmio_write(ESR, 0, NOW);
    assert_eq!(apic.mmio_read(ESR, NOW), 0);
    for reserved in [0x000, 0x040, 0x290, 0x3f0, 0x400] {
        apic.mmio_read(reserved, NOW);
        apic.mmio_write(ESR, 0, NOW);
        assert_eq!(apic.mmio_read(ESR, NOW), 0x80, "{reserved:#x}");
    }
    assert_eq!(apic.mmio_read(VERSION, NOW), 0x0106_0015);
}

#[test]
fn the_bitmaps_read_as_eight_registers_of_thirty_two() {
    let mut apic = x2apic();
    for vector in [0x1f, 0x20, 0x7f, 0xff] {
        apic.accept(vector, Trigger::Level, LifeId(1));
    }
    let expected = [1 << 31, 1, 0, 1 << 31, 0, 0, 0, 1 << 31];
    for (i, word) in expected.into_iter().enumerate() {
        assert_eq!(apic.read_msr(0x820 + i as u32, NOW), Ok(word), "IRR {i}");
        assert_eq!(apic.read_msr(0x818 + i as u32, NOW), Ok(word), "TMR {i}");
    }
    apic.acknowledge();
    assert_eq!(apic.read_msr(0x817, NOW), Ok(1 << 31));
    assert_eq!(apic.read_msr(0x827, NOW), Ok(0));
}

#[test]
fn esr_shows_errors_only_after_a_write_and_raises_its_interrupt_once() {
    let mut apic = x2apic();
    apic.write_msr(msr(LVT_ERROR), 0xe1, NOW).unwrap();
    assert_eq!(edge(&mut apic, 0x0f, 1), Accepted::Dropped(DropReason::IllegalVector));
    assert_eq!(apic.take_error(), Some(0xe1));
    apic.write_msr(msr(SELF_IPI), 3, NOW).unwrap();
    assert_eq!(apic.take_error(), None, "once until ESR is written");
    assert_eq!(apic.read_msr(msr(ESR), NOW), Ok(0));
    apic.write_msr(msr(ESR), 0, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(ESR), NOW), Ok(0x60));
    assert_eq!(apic.write_msr(msr(ICR), 0x4005, NOW), Ok(Action::None), "an illegal vector is not sent");
    assert_eq!(apic.take_error(), Some(0xe1));
    apic.write_msr(msr(ESR), 0, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(ESR), NOW), Ok(0x20));
    apic.write_msr(msr(ESR), 0, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(ESR), NOW), Ok(0));
}

#[test]
fn the_lvt_is_masked_while_software_disabled() {
    let mut apic = x2apic();
    apic.write_msr(msr(LVT_TIMER), 0x40, NOW).unwrap();
    apic.write_msr(msr(SVR), 0xff, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(LVT_TIMER), NOW), Ok(0x1_0040));
    apic.write_msr(msr(LVT_TIMER), 0x40, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(LVT_TIMER), NOW), Ok(0x1_0040));
    apic.write_msr(msr(SVR), 0x1ff, NOW).unwrap();
    apic.write_msr(msr(LVT_TIMER), 0x40, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(LVT_TIMER), NOW), Ok(0x40));
}

#[test]
fn icr_is_one_64_bit_msr_or_two_32_bit_registers() {
    let mut apic = x2apic();
    let sent = apic.write_msr(msr(ICR), 0x0001_2345_0000_4841, NOW);
    let icr = Icr::new(0x4841, 0x0001_2345);
    assert_eq!(sent, Ok(Action::Ipi(icr)));
    assert_eq!((icr.vector, icr.logical, icr.level_assert), (0x41, true, true));
    assert_eq!(icr.raw(), 0x0001_2345_0000_4841);
    assert_eq!(apic.read_msr(msr(ICR), NOW), Ok(0x0001_2345_0000_4841));
    let mut apic = xapic();
    apic.mmio_write(ICR_HIGH, 0x05ff_ffff, NOW);
    assert_eq!(apic.mmio_write(ICR, 0x4500, NOW), Action::Ipi(Icr::new(0x4500, 5)));
    assert_eq!(apic.mmio_read(ICR_HIGH, NOW), 0x0500_0000);
}

#[test]
fn only_the_combinations_of_table_11_4_are_sent() {
    use DeliveryMode::*;
    let modes = [Fixed, LowestPriority, Smi, Reserved, Nmi, Init, StartUp, ExtInt];
    for (number, mode) in (0u32..).zip(modes) {
        for shorthand in 0..4u32 {
            let legal = match shorthand {
                1 | 2 => mode == Fixed,
                _ => !matches!(mode, Reserved | ExtInt),
            };
            let icr = Icr::new(0x4041 | number << 8 | shorthand << 18, 0);
            assert_eq!((icr.delivery_mode, icr.is_sent()), (mode, legal), "shorthand {shorthand}");
        }
    }
    assert!(!Icr::new(0x8500, 0).is_sent(), "INIT level de-assert");
}

#[test]
fn self_ipi_is_for_the_machine_to_accept() {
    assert_eq!(x2apic().write_msr(msr(SELF_IPI), 0x41, NOW), Ok(Action::SelfIpi(0x41)));
}

#[test]
fn the_tree_names_registers_as_the_manual_does() {
    let mut apic = x2apic();
    edge(&mut apic, 0x41, 5);
    let tree = apic.inspect();
    assert_eq!(tree.find("SVR"), Some(&crate::state::Node::value("SVR", 0x1ff, 32)));
    assert_eq!(tree.find("IRR/127:64"), Some(&crate::state::Node::value("127:64", 2, 64)));
    assert!(tree.find("IRR/vector 0x41 life").is_some());
}

#[test]
fn no_access_panics_whatever_the_guest_writes() {
    for seed in 1..=20 {
        let (mut random, mut apic) = (Random(seed), x2apic());
        let (mut plain, mut now) = (xapic(), 0u64);
        for _ in 0..3000 {
            now = now.saturating_add(random.next() >> random.below(64));
            let index = 0x800 + random.below(0x100) as u32;
            let value = random.next() >> random.below(64);
            let _ = apic.write_msr(index, value, Time(now));
            let _ = apic.read_msr(index, Time(now));
            apic.write_deadline(value, Time(now));
            plain.mmio_write(random.next() as u32, value as u32, Time(now));
            plain.mmio_read(random.next() as u32, Time(now));
            for a in [&mut apic, &mut plain] {
                a.advance(Time(now));
                assert!(a.next_event() > Time(now) || now == u64::MAX, "seed {seed}");
            }
        }
    }
}
