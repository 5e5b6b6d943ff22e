//! Acceptance, priority, EOI and destinations.

use super::*;
use std::collections::BTreeMap;

#[test]
fn ppr_is_the_higher_class_of_tpr_and_isr() {
    //  TPR   in service  PPR (SDM 3A 11.8.3.1)
    let rows = [
        (0x00, None, 0x00),
        (0x35, None, 0x35),
        (0x35, Some(0x41), 0x40),
        (0x45, Some(0x41), 0x45),
        (0x55, Some(0x4f), 0x55),
        (0x0f, Some(0x1f), 0x10),
    ];
    for (tpr, vector, ppr) in rows {
        let mut apic = x2apic();
        if let Some(vector) = vector {
            edge(&mut apic, vector, 1);
            apic.acknowledge();
        }
        apic.set_tpr(tpr);
        assert_eq!(apic.ppr(), ppr, "TPR {tpr:#x}, in service {vector:x?}");
        assert_eq!(apic.read_msr(msr(PPR), NOW), Ok(ppr.into()));
    }
}

#[test]
fn a_vector_of_the_priority_class_itself_waits() {
    let mut apic = x2apic();
    apic.set_tpr(0x40);
    edge(&mut apic, 0x4f, 1);
    assert_eq!(apic.deliverable(), None);
    assert_eq!(apic.pending(), Some((0x4f, LifeId(1))));
    apic.set_tpr(0x3f);
    assert_eq!(apic.deliverable(), Some(0x4f));
}

#[test]
fn a_second_request_falls_together_with_the_pending_one_but_not_with_the_one_in_service() {
    let mut apic = x2apic();
    assert_eq!(edge(&mut apic, 0x41, 1), Accepted::Pending);
    assert_eq!(edge(&mut apic, 0x41, 2), Accepted::Coalesced(LifeId(1)));
    assert_eq!(apic.acknowledge(), Some((0x41, LifeId(1))));
    assert_eq!(edge(&mut apic, 0x41, 3), Accepted::Pending);
    assert_eq!(apic.acknowledge(), None);
    assert_eq!(apic.eoi(), Some((0x41, LifeId(1), false)));
    assert_eq!(apic.acknowledge(), Some((0x41, LifeId(3))));
}

#[test]
fn a_software_disabled_apic_holds_what_it_has_and_takes_nothing_more() {
    let mut apic = x2apic();
    edge(&mut apic, 0x41, 1);
    apic.write_msr(msr(SVR), 0xff, NOW).unwrap();
    assert_eq!(edge(&mut apic, 0x42, 2), Accepted::Dropped(DropReason::SoftwareDisabled));
    assert_eq!(apic.deliverable(), Some(0x41));
}

#[test]
fn eoi_is_broadcast_for_level_interrupts_unless_suppressed() {
    for (trigger, svr, broadcast) in
        [(Trigger::Edge, 0x1ff, false), (Trigger::Level, 0x1ff, true), (Trigger::Level, 0x11ff, false)]
    {
        let mut apic = x2apic();
        apic.write_msr(msr(SVR), svr, NOW).unwrap();
        apic.accept(0x61, trigger, LifeId(9));
        apic.acknowledge();
        let level = trigger == Trigger::Level;
        let expected = Action::Eoi { vector: 0x61, life: LifeId(9), level, broadcast };
        assert_eq!(apic.write_msr(msr(EOI), 0, NOW), Ok(expected));
        assert_eq!(apic.write_msr(msr(EOI), 0, NOW), Ok(Action::None), "nothing is in service any more");
    }
}

/// What an APIC is, said without care for speed: two maps and a priority.
#[derive(Default)]
struct Model {
    irr: BTreeMap<u8, u32>,
    isr: BTreeMap<u8, u32>,
    level: BTreeMap<u8, bool>,
    tpr: u8,
}

impl Model {
    fn deliverable(&self) -> Option<u8> {
        let isrv = self.isr.last_key_value().map_or(0, |(v, _)| *v);
        let class = (self.tpr / 16).max(isrv / 16);
        self.irr.last_key_value().map(|(v, _)| *v).filter(|v| v / 16 > class)
    }

    fn accept(&mut self, vector: u8, level: bool, life: u32) -> Accepted {
        if vector < 16 {
            return Accepted::Dropped(DropReason::IllegalVector);
        }
        self.level.insert(vector, level);
        if let Some(survivor) = self.irr.get(&vector) {
            return Accepted::Coalesced(LifeId(*survivor));
        }
        self.irr.insert(vector, life);
        Accepted::Pending
    }

    fn acknowledge(&mut self) -> Option<(u8, LifeId)> {
        let vector = self.deliverable()?;
        let life = self.irr.remove(&vector)?;
        self.isr.insert(vector, life);
        Some((vector, LifeId(life)))
    }

    fn eoi(&mut self) -> Option<(u8, LifeId, bool)> {
        let (vector, life) = self.isr.pop_last()?;
        Some((vector, LifeId(life), self.level[&vector]))
    }
}

fn bits(map: &BTreeMap<u8, u32>) -> [u64; 4] {
    let mut bits = [0; 4];
    map.keys().for_each(|v| bits[usize::from(v / 64)] |= 1 << (v % 64));
    bits
}

#[test]
fn any_sequence_of_requests_and_ends_agrees_with_two_sets() {
    for seed in 1..=40 {
        let (mut random, mut apic, mut model) = (Random(seed), x2apic(), Model::default());
        for life in 1..=2000 {
            match random.below(8) {
                0..=3 => {
                    let (vector, level) = (random.next() as u8, random.below(2) == 1);
                    let trigger = if level { Trigger::Level } else { Trigger::Edge };
                    let accepted = apic.accept(vector, trigger, LifeId(life));
                    assert_eq!(accepted, model.accept(vector, level, life), "seed {seed}");
                }
                4 | 5 => assert_eq!(apic.acknowledge(), model.acknowledge(), "seed {seed}"),
                6 => assert_eq!(apic.eoi(), model.eoi(), "seed {seed}"),
                _ => {
                    model.tpr = random.next() as u8 & 0x7f;
                    apic.set_tpr(model.tpr);
                }
            }
            assert_eq!(apic.deliverable(), model.deliverable(), "seed {seed}");
            assert_eq!((apic.irr_bits(), apic.isr_bits()), (bits(&model.irr), bits(&model.isr)));
            assert_eq!(apic.in_service().map(|(v, _)| v), model.isr.last_key_value().map(|(v, _)| *v));
        }
    }
}

#[test]
fn destinations_match_as_the_mode_and_format_say() {
    let logical = |dfr, ldr| {
        let mut apic = xapic();
        apic.mmio_write(DFR, dfr, NOW);
        apic.mmio_write(LDR, ldr, NOW);
        apic
    };
    let (flat, cluster) = (logical(u32::MAX, 0x0400_0000), logical(0, 0x2400_0000));
    let rows = [
        (&xapic(), 0, false, true),
        (&xapic(), 0xff, false, true),
        (&xapic(), 1, false, false),
        (&flat, 0x06, true, true),
        (&flat, 0x03, true, false),
        (&flat, 0xff, true, true),
        (&cluster, 0x2c, true, true),
        (&cluster, 0x14, true, false),
        (&cluster, 0x22, true, false),
        (&cluster, 0xff, true, true),
        (&x2apic_of(0x123), 0x123, false, true),
        (&x2apic_of(0x123), 0x23, false, false),
        (&x2apic_of(0xff), 0xff, false, true),
        (&x2apic_of(0x10), 0xff, false, false),
        (&x2apic_of(0x10), u32::MAX, false, true),
        (&x2apic_of(0x123), 0x0012_0008, true, true),
        (&x2apic_of(0x123), 0x0012_0004, true, false),
        (&x2apic_of(0x123), 0x0011_0008, true, false),
        (&x2apic_of(0x123), u32::MAX, true, true),
    ];
    for (i, (apic, destination, logical, expected)) in rows.into_iter().enumerate() {
        assert_eq!(apic.matches(destination, logical), expected, "row {i}");
    }
}

#[test]
fn a_level_on_lint0_is_accepted_once_until_its_eoi() {
    let mut apic = xapic();
    assert_eq!(apic.local(LVT_LINT0), None, "masked after reset");
    apic.mmio_write(LVT_LINT0, 0x8041, NOW);
    let interrupt = apic.local(LVT_LINT0).unwrap();
    assert_eq!((interrupt.vector, interrupt.trigger), (0x41, Trigger::Level));
    assert_eq!(apic.mmio_read(LVT_LINT0, NOW), 0xc041);
    assert_eq!(apic.local(LVT_LINT0), None);
    apic.accept(0x41, Trigger::Level, LifeId(1));
    apic.acknowledge();
    apic.eoi();
    assert!(apic.local(LVT_LINT0).is_some());
    apic.mmio_write(LVT_LINT1, 0x400, NOW);
    assert_eq!(apic.local(LVT_LINT1).unwrap().delivery_mode, DeliveryMode::Nmi);
}
