//! Counters against the 8254's mode definitions.

use super::counter::Counter;

/// The ticks from 1 to `end` at which OUT changes, as `next_edge` tells; each is held against `output`.
fn edges(counter: &Counter, end: u64) -> Vec<u64> {
    let told: Vec<u64> = std::iter::successors(counter.next_edge(0), |tick| counter.next_edge(*tick))
        .take_while(|t| *t <= end)
        .collect();
    let seen: Vec<u64> = (1..=end).filter(|t| counter.output(*t) != counter.output(*t - 1)).collect();
    assert_eq!(told, seen);
    told
}

/// A counter of this control word and gate, with a count of one byte written at tick 0.
fn counting(control: u8, gate: bool, count: u8) -> Counter {
    let mut counter = Counter::new(gate);
    counter.set_control(0, control);
    counter.write(0, count);
    counter
}

/// Control words: the low byte only, in a mode.
const fn low(mode: u8) -> u8 {
    0x10 | mode << 1
}

#[test]
fn each_mode_has_its_output() {
    // Mode, OUT after the count is written, and when it changes until tick 12.
    let rows: [(u8, bool, &[u64]); 6] = [
        (0, false, &[5]),
        (1, true, &[]),
        (2, true, &[4, 5, 9, 10]),
        (3, true, &[3, 5, 8, 10]),
        (4, true, &[5, 6]),
        (5, true, &[]),
    ];
    for (mode, output, changes) in rows {
        let counter = counting(low(mode), true, 5);
        assert_eq!(counter.output(0), output, "mode {mode}");
        assert_eq!(edges(&counter, 12), changes, "mode {mode}");
    }
}

#[test]
fn a_new_count_waits_for_the_end_of_a_period_or_of_half_a_square_wave() {
    // Mode, when 4 is written into a period of 10, and the changes of OUT until tick 21.
    let rows: [(u8, u64, &[u64]); 4] = [
        (2, 3, &[9, 10, 13, 14, 17, 18, 21]),
        (2, 9, &[9, 10, 13, 14, 17, 18, 21]),
        // The low half of the square wave is already the new one.
        (3, 3, &[5, 7, 9, 11, 13, 15, 17, 19, 21]),
        (3, 6, &[5, 10, 12, 14, 16, 18, 20]),
    ];
    for (mode, at, changes) in rows {
        let mut counter = counting(low(mode), true, 10);
        let before = counter.value(at);
        counter.write(at, 4);
        assert_eq!(counter.value(at), before, "the current cycle goes on");
        assert_eq!(edges(&counter, 21), changes, "mode {mode} at {at}");
        // Null count until it is loaded.
        counter.latch_status(at);
        assert_eq!(counter.read(at) >> 6 & 1, 1);
        counter.latch_status(11);
        assert_eq!(counter.read(11) >> 6 & 1, 0);
    }
    // The last of two that were written is loaded, and a control word waits for nothing.
    let mut counter = counting(low(2), true, 10);
    counter.write(3, 4);
    counter.write(4, 6);
    assert_eq!(edges(&counter, 17), [9, 10, 15, 16]);
    counter.set_control(17, low(2));
    counter.write(17, 3);
    assert_eq!((counter.next_edge(17), counter.next_edge(19)), (Some(19), Some(20)));
}

#[test]
fn modes_0_and_4_begin_anew_at_once() {
    for mode in [0, 4] {
        let mut counter = counting(low(mode), true, 10);
        counter.write(6, 10);
        assert_eq!((counter.value(6), counter.next_edge(6)), (10, Some(16)), "mode {mode}");
    }
}

#[test]
fn modes_1_and_5_wait_for_a_trigger_and_go_on_without_the_gate() {
    // Mode, and the changes of OUT after the gate rises at tick 10 with a count of 4.
    for (mode, changes) in [(1, [10, 14]), (5, [14, 15])] {
        let mut counter = counting(low(mode), false, 4);
        assert_eq!((counter.output(9), counter.next_edge(9)), (true, None));
        counter.set_gate(10, true);
        counter.set_gate(11, false);
        let seen: Vec<u64> = (11..30).filter(|t| counter.output(*t) != counter.output(*t - 1)).collect();
        let changed = [&[10][..counter.output(10) as usize ^ 1], &seen[..]].concat();
        assert_eq!(changed, changes, "mode {mode}");
        // A new count is that of the next trigger, which comes in the middle of the old one.
        counter.set_gate(20, true);
        counter.write(21, 9);
        assert_eq!(counter.next_edge(21), Some(24));
        counter.set_gate(22, false);
        counter.set_gate(23, true);
        assert_eq!((counter.value(23), counter.next_edge(23)), (9, Some(32)));
    }
}

#[test]
fn the_gate_stops_and_in_modes_2_and_3_reloads() {
    for (mode, expected) in [(0, Some(26)), (2, Some(29)), (3, Some(25)), (4, Some(26))] {
        let mut counter = counting(low(mode), true, 10);
        counter.set_gate(4, false);
        assert_eq!((counter.next_edge(4), counter.value(19)), (None, counter.value(4)), "mode {mode}");
        assert_eq!(counter.output(19), mode != 0);
        counter.set_gate(20, true);
        assert_eq!(counter.next_edge(20), expected, "mode {mode}");
    }
    // In its low half a square wave is set high, and a count written meanwhile is loaded by the trigger.
    let mut counter = counting(low(3), true, 10);
    counter.set_gate(7, false);
    assert!(counter.output(8));
    counter.write(9, 6);
    counter.set_gate(20, true);
    assert_eq!((counter.value(20), counter.next_edge(20)), (6, Some(23)));
}

#[test]
fn decimal_counters_count_in_decimal() {
    let mut counter = counting(low(0) | 0x20 | 1, true, 0x02);
    counter.write(0, 0x10);
    assert_eq!(counter.next_edge(0), Some(1002));
    assert_eq!([0, 3, 1002, 1003].map(|t| counter.value(t)), [0x1002, 0x0999, 0, 0x9999]);
    let all = counting(low(2) | 1, true, 0);
    assert_eq!(all.next_edge(1), Some(9_999));
    assert_eq!([1, 9_999, 10_000].map(|t| all.value(t)), [0x9999, 1, 0]);
}

#[test]
fn a_square_wave_counts_by_two_from_an_even_number() {
    let values = |count| {
        let counter = counting(low(3), true, count);
        [0, 1, 2, 3, 4, 5].map(|t| counter.value(t))
    };
    assert_eq!(values(6), [6, 4, 2, 6, 4, 2]);
    assert_eq!(values(5), [4, 2, 0, 4, 2, 4]);
}

#[test]
fn the_first_byte_of_two_ends_counting_in_mode_0() {
    let mut counter = counting(0x30, true, 10);
    counter.write(0, 0);
    assert!(counter.output(10));
    counter.write(12, 7);
    assert_eq!((counter.output(12), counter.next_edge(12)), (false, None));
    // Reads keep a place of their own.
    let value = counter.value(12);
    assert_eq!([counter.read(13), counter.read(13)], value.to_le_bytes());
    counter.write(14, 0);
    assert_eq!(counter.next_edge(14), Some(21));
}

#[test]
fn an_illegal_count_of_1_does_not_toggle() {
    for mode in [2, 3] {
        let mut counter = counting(low(mode), true, 1);
        assert_eq!(counter.next_edge(5), None, "mode {mode}");
        counter.write(5, 4);
        assert!(counter.next_edge(5).is_some_and(|tick| tick <= 9), "mode {mode}");
    }
}

#[test]
fn edges_are_those_of_the_output_whatever_is_written() {
    let mut x = 1u64;
    let mut random = move || {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        x.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32
    };
    let (mut counter, mut tick) = (Counter::new(true), 0);
    for _ in 0..20_000 {
        match random() % 8 {
            0 => counter.set_control(tick, random() as u8 & 0x0f | 0x10),
            1 => counter.set_gate(tick, random() & 1 != 0),
            // Never the illegal 1.
            _ => counter.write(tick, random() as u8 & 0x0f | 2),
        }
        let (output, next) = (counter.output(tick), counter.next_edge(tick));
        let end = tick + random() % 24;
        let seen = (tick + 1..=end).find(|t| counter.output(*t) != output);
        assert_eq!(seen, next.filter(|t| *t <= end), "{counter:?} from {tick}");
        counter.value(end);
        tick = end;
    }
}
