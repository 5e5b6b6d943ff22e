//! The pair against the 8259A's datasheet.

use super::*;
use crate::trace::LifeId;

const NON_SPECIFIC_EOI: u8 = 0x20;

/// Both as Linux initializes them, all unmasked: vectors 30H to 3FH. `modes` is ICW4's.
fn pair(modes: u8) -> Pics {
    let mut pics = Pics::default();
    for (secondary, base, cascade) in [(false, 0x30, 1 << CASCADE), (true, 0x38, CASCADE)] {
        pics.write(secondary, false, 0x11);
        for word in [base, cascade, 1 | modes] {
            pics.write(secondary, true, word);
        }
    }
    pics
}

fn raise(pics: &mut Pics, irqs: &[u8]) {
    for irq in irqs {
        pics.set_line(*irq, true);
    }
}

/// Acknowledges until nothing is requested any more.
fn taken(pics: &mut Pics) -> Vec<u8> {
    let mut vectors = Vec::new();
    while pics.requests() {
        vectors.push(pics.acknowledge().vector);
    }
    vectors
}

#[test]
fn nothing_is_requested_before_initialization_or_while_masked() {
    let mut pics = Pics::default();
    raise(&mut pics, &[4]);
    assert!(!pics.requests());
    let mut pics = pair(0);
    pics.write(false, true, 0x10);
    raise(&mut pics, &[4]);
    assert_eq!((pics.requests(), pics.read(false, false)), (false, 0x10), "masked, but in IRR");
    pics.write(false, true, 0);
    assert_eq!(taken(&mut pics), [0x34]);
}

#[test]
fn an_edge_interrupts_once_and_a_level_as_long_as_it_lasts() {
    let mut pics = pair(0);
    raise(&mut pics, &[4]);
    assert_eq!(taken(&mut pics), [0x34]);
    pics.write(false, false, NON_SPECIFIC_EOI);
    assert!(!pics.requests(), "no new rise");
    pics.set_line(4, false);
    pics.set_line(4, true);
    assert!(pics.requests());
    let mut pics = pair(0);
    pics.set_levels(false, 0xff);
    assert_eq!(pics.levels(false), 0xf8, "IRQ 0 to 2 are edge-triggered");
    raise(&mut pics, &[5]);
    for _ in 0..3 {
        assert_eq!(taken(&mut pics), [0x35]);
        pics.write(false, false, NON_SPECIFIC_EOI);
    }
    pics.set_line(5, false);
    assert!(!pics.requests());
}

#[test]
fn what_is_in_service_holds_back_its_priority_and_what_is_below() {
    let mut pics = pair(0);
    raise(&mut pics, &[4, 7, 3]);
    assert_eq!(taken(&mut pics), [0x33]);
    raise(&mut pics, &[1]);
    assert_eq!(taken(&mut pics), [0x31], "a higher one comes between");
    // Each end is that of the highest in service.
    let mut seen = Vec::new();
    for _ in 0..4 {
        pics.write(false, false, NON_SPECIFIC_EOI);
        seen.extend(taken(&mut pics));
    }
    assert_eq!(seen, [0x34, 0x37]);
}

#[test]
fn a_specific_end_is_that_of_the_level_it_names() {
    let mut pics = pair(0);
    raise(&mut pics, &[4]);
    taken(&mut pics);
    raise(&mut pics, &[1]);
    taken(&mut pics);
    pics.write(false, false, 0x0b);
    assert_eq!(pics.read(false, false), 0x12, "OCW3 RR and RIS: ISR");
    pics.write(false, false, 0x64);
    assert_eq!(pics.read(false, false), 0x02);
    pics.write(false, false, 0x0a);
    assert_eq!(pics.read(false, false), 0, "IRR");
}

#[test]
fn the_secondary_comes_through_the_primary_and_both_want_an_end() {
    let mut pics = pair(0);
    raise(&mut pics, &[12, 4, 9]);
    assert_eq!(taken(&mut pics), [0x39], "inputs 8 to 15 are above 3 to 7");
    pics.write(true, false, NON_SPECIFIC_EOI);
    assert!(!pics.requests(), "the primary still has level 2 in service");
    pics.write(false, false, NON_SPECIFIC_EOI);
    assert_eq!(taken(&mut pics), [0x3c]);
    pics.write(true, false, NON_SPECIFIC_EOI);
    pics.write(false, false, NON_SPECIFIC_EOI);
    assert_eq!(taken(&mut pics), [0x34]);
}

#[test]
fn in_special_fully_nested_mode_a_slave_interrupts_itself() {
    for (modes, then) in [(0, vec![]), (spec::ICW4_SFNM, vec![0x38])] {
        let mut pics = pair(modes);
        raise(&mut pics, &[10]);
        assert_eq!(taken(&mut pics), [0x3a]);
        raise(&mut pics, &[8, 4]);
        assert_eq!(taken(&mut pics), then, "{modes:#x}");
    }
}

#[test]
fn a_request_that_is_gone_is_level_7_and_not_in_service() {
    let mut pics = pair(0);
    raise(&mut pics, &[4]);
    pics.set_line(4, false);
    assert_eq!(pics.acknowledge(), Acknowledged { vector: 0x37, irq: None });
    pics.write(false, false, 0x0b);
    assert_eq!(pics.read(false, false), 0);
    // A true one is in service.
    raise(&mut pics, &[7]);
    assert_eq!(pics.acknowledge(), Acknowledged { vector: 0x37, irq: Some(7) });
    assert_eq!(pics.read(false, false), 0x80);
    // The secondary's request goes between the two pulses of the cycle: the primary alone has something in service.
    let mut pics = pair(0);
    raise(&mut pics, &[9]);
    pics.secondary.set_line(1, false);
    assert_eq!(pics.acknowledge(), Acknowledged { vector: 0x3f, irq: None });
    assert_eq!((pics.primary.isr(), pics.secondary.isr()), (1 << CASCADE, 0));
}

#[test]
fn priorities_rotate() {
    // OCW2 words after level 4 is in service, and what 3, 4 and 5 are then taken as.
    let rows: [(&[u8], [u8; 3]); 4] = [
        (&[0x20], [0x33, 0x34, 0x35]),
        (&[0xa0], [0x35, 0x33, 0x34]),
        (&[0xe4], [0x35, 0x33, 0x34]),
        (&[0x20, 0xc3], [0x34, 0x35, 0x33]),
    ];
    for (words, order) in rows {
        let mut pics = pair(0);
        raise(&mut pics, &[4]);
        taken(&mut pics);
        for word in words {
            pics.write(false, false, *word);
        }
        pics.set_line(4, false);
        raise(&mut pics, &[3, 4, 5]);
        let mut seen = Vec::new();
        for _ in order {
            seen.extend(taken(&mut pics));
            let level = seen.last().map_or(0, |vector| vector & 7);
            pics.write(false, false, 0x60 | level);
        }
        assert_eq!(seen, order, "{words:x?}");
    }
}

#[test]
fn in_automatic_end_mode_nothing_stays_in_service_and_levels_may_rotate() {
    let mut pics = pair(spec::ICW4_AEOI);
    raise(&mut pics, &[3, 4]);
    assert_eq!(taken(&mut pics), [0x33, 0x34]);
    assert_eq!(pics.serve(3, (0x33, LifeId(5))), Some((0x33, LifeId(5))), "it is over");
    pics.write(false, false, 0x80);
    for irq in [3, 4] {
        pics.set_line(irq, false);
    }
    raise(&mut pics, &[3]);
    assert_eq!(taken(&mut pics), [0x33]);
    pics.set_line(3, false);
    raise(&mut pics, &[3, 4]);
    assert_eq!(taken(&mut pics), [0x34, 0x33], "level 3 had become the lowest");
}

#[test]
fn in_special_mask_mode_a_masked_level_holds_nothing_back() {
    let mut pics = pair(0);
    raise(&mut pics, &[4]);
    taken(&mut pics);
    pics.write(false, true, 0x10);
    raise(&mut pics, &[6]);
    assert!(!pics.requests());
    pics.write(false, false, 0x68);
    assert_eq!(taken(&mut pics), [0x36]);
    // A non-specific end passes the masked level by.
    pics.write(false, false, NON_SPECIFIC_EOI);
    pics.write(false, false, 0x0b);
    assert_eq!(pics.read(false, false), 0x10);
    pics.write(false, false, 0x48);
    raise(&mut pics, &[5]);
    assert!(!pics.requests());
}

#[test]
fn a_poll_acknowledges() {
    let mut pics = pair(0);
    pics.write(false, false, 0x0c);
    assert_eq!(pics.read(false, false), 0, "nobody asks");
    raise(&mut pics, &[12]);
    for (secondary, read) in [(false, 0x82), (true, 0x84)] {
        pics.write(secondary, false, 0x0c);
        assert_eq!(pics.read(secondary, true), read);
    }
    assert!(!pics.requests());
    assert_eq!(pics.read(false, true), 0, "the mask again");
}

#[test]
fn an_end_tells_which_interrupt_it_ends() {
    let mut pics = pair(0);
    raise(&mut pics, &[12]);
    let vector = pics.acknowledge().vector;
    assert_eq!(pics.serve(12, (vector, LifeId(7))), None);
    assert_eq!(pics.write(true, false, NON_SPECIFIC_EOI), Some((0x3c, LifeId(7))));
    assert_eq!(pics.write(false, false, NON_SPECIFIC_EOI), None, "the primary's end is of the same one");
    assert_eq!(pics.write(true, false, NON_SPECIFIC_EOI), None);
}

#[test]
fn an_initialization_forgets_rises_and_what_is_in_service() {
    let mut pics = pair(0);
    raise(&mut pics, &[4]);
    taken(&mut pics);
    pics.serve(4, (0x34, LifeId(3)));
    raise(&mut pics, &[1]);
    for (data, word) in [(false, 0x13), (true, 0x50), (true, 1)] {
        pics.write(false, data, word);
    }
    assert!(!pics.requests(), "an input must rise anew");
    pics.set_line(4, false);
    raise(&mut pics, &[4]);
    assert_eq!(pics.acknowledge(), Acknowledged { vector: 0x54, irq: Some(4) });
    assert_eq!(pics.serve(4, (0x54, LifeId(4))), Some((0x34, LifeId(3))), "the lost one is told");
    // Single: input 2 has no slave, and the vector is the primary's own.
    pics.write(false, false, 0x64);
    raise(&mut pics, &[9]);
    assert_eq!(pics.acknowledge().vector, 0x52);
}
