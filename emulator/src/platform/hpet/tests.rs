//! The timers against IA-PC HPET 1.0a.

use super::*;

fn running() -> Hpet {
    let mut h = Hpet::default();
    h.write(Time::ZERO, GEN_CONF, 8, ENABLE_CNF.into());
    h
}

#[test]
fn the_counter_runs_at_its_rate_and_stands_when_disabled() {
    let mut h = running();
    assert_eq!(h.read(Time::ms(1_000), MAIN_CNT, 8), HZ);
    assert_eq!(h.read(Time::ms(1_000), MAIN_CNT, 4), HZ & 0xffff_ffff);
    h.write(Time::ms(1_000), GEN_CONF, 4, 0);
    assert_eq!(h.read(Time::ms(2_000), MAIN_CNT, 8), HZ);
    h.write(Time::ms(2_000), MAIN_CNT, 8, 5);
    h.write(Time::ms(2_000), GEN_CONF, 4, 1);
    assert_eq!(h.read(Time::ms(3_000), MAIN_CNT, 8), HZ + 5);
}

#[test]
fn its_period_is_what_its_capabilities_say() {
    let femtoseconds = u128::from(GCAP_ID_VALUE >> 32);
    let period = 1_000_000_000_000_000u128 / u128::from(HZ);
    assert!(femtoseconds.abs_diff(period) <= 1);
}

#[test]
fn a_one_shot_timer_matches_once_at_its_pin() {
    let mut h = running();
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 8, u64::from(TN_INT_ENB | 20 << TN_ROUTE_SHIFT));
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, HZ / 1_000);
    let due = h.next_event();
    assert!(due >= Time::us(999) && due <= Time::ms(1));
    assert_eq!(h.advance(Time(due.0 - 1)), []);
    assert_eq!(h.advance(due), [Match { pin: 20, level: false }]);
    assert_eq!(h.advance(Time::ms(5)), []);
}

#[test]
fn a_periodic_timer_goes_on_and_legacy_routing_makes_it_isa_0() {
    let mut h = running();
    h.write(Time::ZERO, GEN_CONF, 8, u64::from(ENABLE_CNF | LEG_RT_CNF));
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 8, u64::from(TN_INT_ENB | TN_TYPE | TN_VAL_SET));
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 1_000);
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 2_000);
    let mut seen = 0;
    while h.next_event() < Time::ms(1) {
        assert_eq!(h.advance(h.next_event()), [Match { pin: 2, level: false }]);
        seen += 1;
    }
    assert_eq!(seen, (HZ / 1_000 - 1_000) / 2_000 + 1);
}

#[test]
fn a_level_triggered_timer_holds_its_pin_until_its_status_is_cleared() {
    let mut h = running();
    let config = TN_INT_ENB | TN_INT_TYPE | 21 << TN_ROUTE_SHIFT;
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 8, config.into());
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 100);
    h.advance(Time::us(100));
    assert_eq!(h.held(), 1 << 21);
    h.write(Time::us(100), GINTR_STA, 4, 1);
    assert_eq!(h.held(), 0);
}

/// Sets timer 0 and runs it to `end`: the counter at each match.
fn matches(h: &mut Hpet, end: Time) -> Vec<u64> {
    let mut at = Vec::new();
    while h.next_event() < end {
        let due = h.next_event();
        at.extend(h.advance(due).iter().map(|_| h.read(due, MAIN_CNT, 8)));
    }
    at
}

#[test]
fn a_periodic_timer_of_32_bits_keeps_its_period_when_the_counter_wraps() {
    let mut h = Hpet::default();
    h.write(Time::ZERO, MAIN_CNT, 8, 0xffff_ff00);
    let config = TN_INT_ENB | TN_TYPE | TN_VAL_SET | TN_32MODE | 20 << TN_ROUTE_SHIFT;
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 4, config.into());
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 4, 0xffff_ff80);
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 4, 0x100);
    h.write(Time::ZERO, GEN_CONF, 4, ENABLE_CNF.into());
    let end = Time::us(100);
    let expected: Vec<u64> = (0..).map(|n| 0xffff_ff80 + 0x100 * n).take(6).collect();
    assert_eq!(matches(&mut h, end)[..6], expected);
    assert_eq!(h.read(end, TIMER_0 + TN_COMPARATOR, 8) >> 32, 0);
}

#[test]
fn the_whole_counter_may_wrap_too() {
    let mut h = Hpet::default();
    h.write(Time::ZERO, MAIN_CNT, 8, 0u64.wrapping_sub(100));
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 4, u64::from(TN_INT_ENB | 20 << TN_ROUTE_SHIFT));
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 5);
    h.write(Time::ZERO, GEN_CONF, 4, ENABLE_CNF.into());
    assert_eq!(matches(&mut h, Time::ms(1)), [5]);
}

#[test]
fn a_write_after_val_set_sets_comparator_and_period_and_one_without_the_period_alone() {
    let mut h = Hpet::default();
    let config = TN_INT_ENB | TN_TYPE | TN_VAL_SET | 20 << TN_ROUTE_SHIFT;
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 4, config.into());
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 1_000);
    assert_eq!(h.read(Time::ZERO, TIMER_0 + TN_CONF, 4) & u64::from(TN_VAL_SET), 0, "it falls by itself");
    let mut other = h.clone();
    h.write(Time::ZERO, GEN_CONF, 4, ENABLE_CNF.into());
    assert_eq!(matches(&mut h, Time::us(210)), [1_000, 2_000, 3_000]);
    // What Linux's hpet_clkevt_set_state_periodic and the AMD-8111 need: the second write is the period.
    other.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 700);
    other.write(Time::ZERO, GEN_CONF, 4, ENABLE_CNF.into());
    assert_eq!(matches(&mut other, Time::us(210)), [1_000, 1_700, 2_400]);
}

#[test]
fn halves_of_a_period_are_not_mixed_with_the_comparator() {
    let mut h = Hpet::default();
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 4, u64::from(TN_TYPE | TN_VAL_SET));
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 7 << 32 | 9);
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR + 4, 4, 0);
    assert_eq!((h.timers[0].comparator, h.timers[0].period), (7 << 32 | 9, 9));
}

#[test]
fn a_level_triggered_timer_that_replaces_the_rtc_holds_pin_8_and_nothing_while_all_is_disabled() {
    let mut h = running();
    let timer = TIMER_0 + TIMER_SIZE;
    h.write(Time::ZERO, GEN_CONF, 4, u64::from(ENABLE_CNF | LEG_RT_CNF));
    h.write(Time::ZERO, timer + TN_CONF, 4, u64::from(TN_INT_ENB | TN_INT_TYPE | 21 << TN_ROUTE_SHIFT));
    h.write(Time::ZERO, timer + TN_COMPARATOR, 8, 100);
    assert_eq!(h.advance(Time::us(100)), [Match { pin: 8, level: true }]);
    assert_eq!(h.held(), 1 << 8);
    h.write(Time::us(100), GEN_CONF, 4, ENABLE_CNF.into());
    assert_eq!(h.held(), 1 << 21, "its own route");
    h.write(Time::us(100), GEN_CONF, 4, LEG_RT_CNF.into());
    assert_eq!((h.held(), h.replaces_legacy()), (0, false), "ENABLE_CNF disables every interrupt");
}

#[test]
fn a_disabled_timer_operates_without_an_interrupt() {
    let mut h = running();
    let config = u64::from(TN_TYPE | TN_VAL_SET | TN_INT_TYPE);
    h.write(Time::ZERO, TIMER_0 + TN_CONF, 4, config);
    h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 1_000);
    assert_eq!(h.next_event(), Time::NEVER);
    let now = Time::ms(1);
    assert_eq!((h.read(now, GINTR_STA, 4), h.held()), (1, 0));
    assert_eq!(h.read(now, TIMER_0 + TN_COMPARATOR, 8), 15_000, "the counter is at 14318");
}

#[test]
fn a_route_that_there_is_not_is_not_taken() {
    let mut h = running();
    let conf = |h: &mut Hpet| h.read(Time::ZERO, TIMER_0 + TN_CONF, 4) >> TN_ROUTE_SHIFT & 0x1f;
    for (route, reads) in [(22, 22), (4, 22), (31, 22), (20, 20)] {
        h.write(Time::ZERO, TIMER_0 + TN_CONF, 4, route << TN_ROUTE_SHIFT);
        assert_eq!(conf(&mut h), reads);
    }
}

#[test]
fn no_sequence_of_accesses_panics() {
    let (mut h, mut x, mut now) = (Hpet::default(), 1u64, Time::ZERO);
    for _ in 0..200_000 {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        let r = x.wrapping_mul(0x2545_f491_4f6c_dd1d);
        let offset = [GEN_CONF, GINTR_STA, MAIN_CNT, TIMER_0, TIMER_0 + 8, TIMER_0 + 0x20, TIMER_0 + 0x28];
        let offset = offset[(r >> 8) as usize % 7] + (r >> 16 & 4);
        let value = [0, 1, 2, u64::MAX, u64::MAX - 3, r, r >> 40, 0x14c][(r >> 20) as usize & 7];
        h.write(now, offset, [4, 8][(r >> 24) as usize & 1], value);
        let _ = h.read(now, offset, 8);
        now = now.plus(Time(r >> 34));
        h.advance(now);
    }
    assert!(h.next_event() > now);
}
