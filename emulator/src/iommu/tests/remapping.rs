use super::*;
use FaultReason::*;

fn install(b: &mut Bench, index: u64, irte: [u64; 2]) {
    b.pair(IRT + 16 * index, irte[0], irte[1]);
}

#[test]
fn messages_pass_as_they_are_while_remapping_is_off() {
    let mut b = Bench::new();
    let i = b.remap(0xfee0_500c, 0x8441).unwrap();
    let expected = Interrupt {
        destination: 5,
        logical: true,
        redirection_hint: true,
        delivery_mode: 4,
        vector: 0x41,
        level: true,
        irte_index: None,
    };
    assert_eq!(i, expected);
}

#[test]
fn the_irte_and_not_the_message_says_what_is_delivered() {
    let mut b = Bench::remapping(true);
    let [low, high] = irte(0x81, 0x0001_0002);
    install(&mut b, 5, [low | 0b111 << 2 | 4 << 5, high]);
    let i = b.remap(message(5), 0xffff_ffff).unwrap();
    let expected = Interrupt {
        destination: 0x0001_0002,
        logical: true,
        redirection_hint: true,
        delivery_mode: 4,
        vector: 0x81,
        level: true,
        irte_index: Some(5),
    };
    assert_eq!(i, expected);
}

#[test]
fn outside_extended_mode_the_destination_is_eight_bits() {
    let mut b = Bench::remapping(false);
    install(&mut b, 0, irte(0x30, 3 << 8));
    assert_eq!(b.remap(message(0), 0).unwrap().destination, 3);
    install(&mut b, 1, irte(0x30, 3));
    assert_eq!(b.remap(message(1), 0), Err(IrteReserved));
}

#[test]
fn the_subhandle_is_added_only_when_it_is_valid() {
    let mut b = Bench::remapping(true);
    install(&mut b, 4, irte(0x44, 0));
    install(&mut b, 6, irte(0x66, 0));
    assert_eq!(b.remap(message(4), 2).unwrap().vector, 0x44);
    assert_eq!(b.remap(message(4) | 8, 2).unwrap().vector, 0x66);
}

#[test]
fn handle_bit_fifteen_is_address_bit_two() {
    let mut b = Bench::remapping(true);
    b.write64(reg::IRTA, IRT | reg::IRTA_EIME | 15);
    b.command(reg::SIRTP);
    install(&mut b, 0x8001, irte(0x51, 0));
    assert_eq!(b.remap(message(0x8001), 0).unwrap().irte_index, Some(0x8001));
}

#[test]
fn compatibility_format_needs_cfis_and_never_passes_in_extended_mode() {
    for (extended, cfi, passes) in
        [(false, false, false), (false, true, true), (true, false, false), (true, true, false)]
    {
        let mut b = Bench::remapping(extended);
        b.command(if cfi { reg::CFI } else { 0 });
        assert_eq!(b.remap(0xfee0_0000, 0x31).is_ok(), passes, "extended {extended}, CFI {cfi}");
        assert_eq!(b.record(0).2, if passes { 0 } else { 0x25 });
    }
}

#[test]
fn every_reason_comes_from_its_request_or_entry() {
    let rows: [(FaultReason, u8, u64, u32, [u64; 2]); 9] = [
        (InterruptRequestReserved, 0x20, message(5) | 8, 0x1_0000, irte(0x31, 0)),
        (InterruptIndexBeyondTable, 0x21, message(256), 0, irte(0x31, 0)),
        (InterruptIndexBeyondTable, 0x21, message(255) | 8, 1, irte(0x31, 0)),
        (IrteNotPresent, 0x22, message(5), 0, [0, 0]),
        (IrteReserved, 0x24, message(5), 0, [1 | 1 << 12, 0]),
        // The posted format, IM = 1, where ECAP.PI is 0.
        (IrteReserved, 0x24, message(5), 0, [1 | 1 << 15, 0]),
        (IrteReserved, 0x24, message(5), 0, [1, 3 << 18]),
        (IrteReserved, 0x24, message(5), 0, [1, 1 << 20]),
        (SourceIdMismatch, 0x26, message(5), 0, [1, 0x0019 | 1 << 18]),
    ];
    for (reason, code, address, data, entry) in rows {
        let mut b = Bench::remapping(true);
        install(&mut b, 5, entry);
        assert_eq!(b.remap(address, data), Err(reason));
        let (f, _, fr, sid, _) = b.record(0);
        assert_eq!((f, fr, sid), (true, code, NIC.0), "{reason:?}");
    }
    let mut b = Bench::remapping(true);
    b.write64(reg::IRTA, 0x1_0000_0000 | reg::IRTA_EIME);
    b.command(reg::SIRTP);
    assert_eq!(b.remap(message(1), 0), Err(IrteAccess));
    assert_eq!(b.record(0).2, 0x23);
}

#[test]
fn a_forged_source_is_blocked_and_recorded_with_the_index_it_tried() {
    let mut b = Bench::remapping(true);
    install(&mut b, 9, irte(0x31, 0));
    assert_eq!(b.remap_as(SourceId(0x0020), message(9), 0), Err(SourceIdMismatch));
    assert_eq!(b.record(0), (true, false, 0x26, 0x0020, 9 << 48));
    assert!(b.remap(message(9), 0).is_ok());
    assert_eq!(b.remap_as(SourceId(0x0020), message(9), 0), Err(SourceIdMismatch), "from the cache as well");
}

#[test]
fn the_qualifier_says_which_function_bits_count_and_type_two_is_a_bus_range() {
    let of = |svt: u64, sq: u64, sid: u64| [1 | 0x31 << 16, sid | sq << 16 | svt << 18];
    let rows = [
        (of(0, 0, 0), 0xffff, true),
        (of(1, 0, 0x18), 0x18, true),
        (of(1, 0, 0x18), 0x1c, false),
        (of(1, 1, 0x18), 0x1c, true),
        (of(1, 1, 0x18), 0x1a, false),
        (of(1, 2, 0x18), 0x1e, true),
        (of(1, 2, 0x18), 0x19, false),
        (of(1, 3, 0x18), 0x1f, true),
        (of(1, 3, 0x18), 0x20, false),
        (of(2, 0, 0x0205), 0x0100, false),
        (of(2, 0, 0x0205), 0x0218, true),
        (of(2, 0, 0x0205), 0x05ff, true),
        (of(2, 0, 0x0205), 0x0600, false),
    ];
    for (entry, source, passes) in rows {
        let mut b = Bench::remapping(true);
        install(&mut b, 0, entry);
        assert_eq!(b.remap_as(SourceId(source), message(0), 0).is_ok(), passes, "{entry:x?} {source:x}");
    }
}

#[test]
fn a_stale_entry_serves_until_the_interrupt_entry_cache_is_invalidated() {
    let mut b = Bench::remapping(true).with_queue();
    install(&mut b, 5, irte(0x31, 0));
    b.remap(message(5), 0).unwrap();
    install(&mut b, 5, irte(0x32, 0));
    assert_eq!(b.remap(message(5), 0).unwrap().vector, 0x31, "stale");
    b.command(reg::SIRTP);
    assert_eq!(b.remap(message(5), 0).unwrap().vector, 0x31, "SIRTP invalidates nothing");
    b.submit(&[[4 | 1 << 4 | 6 << 32, 0]]);
    assert_eq!(b.remap(message(5), 0).unwrap().vector, 0x31, "another index");
    b.submit(&[[4 | 1 << 4 | 2 << 27 | 6 << 32, 0]]);
    assert_eq!(b.remap(message(5), 0).unwrap().vector, 0x32, "indexes 4 to 7");
    install(&mut b, 5, irte(0x33, 0));
    b.submit(&[[4, 0]]);
    assert_eq!(b.remap(message(5), 0).unwrap().vector, 0x33, "global");
}

#[test]
fn what_is_not_present_is_not_cached() {
    let mut b = Bench::remapping(true);
    assert_eq!(b.remap(message(5), 0), Err(IrteNotPresent));
    install(&mut b, 5, irte(0x31, 0));
    assert_eq!(b.remap(message(5), 0).unwrap().vector, 0x31);
}

#[test]
fn an_event_of_the_unit_has_its_upper_destination_in_the_upper_address() {
    assert_eq!(Interrupt::of_event(0x0001_0200_fee0_3000, 0x52).destination, 0x0001_0203);
}
