//! The clock's registers and interrupts against the MC146818A's data sheet.

use super::*;

fn get(rtc: &mut Rtc, now: Time, register: u8) -> u8 {
    rtc.select(register);
    rtc.read(now)
}

fn set(rtc: &mut Rtc, now: Time, register: u8, value: u8) {
    rtc.select(register);
    rtc.write(now, value);
}

/// Century, year, month, day, hours, minutes and seconds, as they read.
fn date(rtc: &mut Rtc, now: Time) -> [u8; 7] {
    [0x32, 9, 8, 7, 4, 2, 0].map(|register| get(rtc, now, register))
}

/// A time in milliseconds of virtual time.
fn ms(n: u64) -> Time {
    Time::ms(n)
}

#[test]
fn the_update_ended_interrupt_comes_once_a_second_and_reading_c_ends_it() {
    let mut rtc = Rtc::new();
    assert_eq!(get(&mut rtc, ms(1_500), 0x0c), UPDATE_ENDED | PERIODIC, "flags without an interrupt");
    set(&mut rtc, ms(1_500), 0x0b, B_24_HOURS | UPDATE_ENDED);
    assert_eq!((rtc.interrupt(), rtc.next_event()), (false, ms(2_000)));
    rtc.settle(ms(2_000));
    assert_eq!((rtc.interrupt(), rtc.next_event()), (true, Time::NEVER));
    let c = get(&mut rtc, ms(2_000), 0x0c);
    assert_eq!(c & !PERIODIC, C_IRQF | UPDATE_ENDED);
    assert_eq!((rtc.interrupt(), get(&mut rtc, ms(2_000), 0x0c)), (false, 0));
    assert_eq!(rtc.next_event(), ms(3_000));
    // An interrupt that is enabled when its flag is set already.
    set(&mut rtc, ms(3_500), 0x0b, B_24_HOURS);
    rtc.settle(ms(3_600));
    set(&mut rtc, ms(3_600), 0x0b, B_24_HOURS | UPDATE_ENDED);
    assert!(rtc.interrupt());
}

#[test]
fn the_periodic_interrupt_has_the_rate_of_register_a() {
    for (select, count) in [(0, 0), (6, 1024), (15, 2), (3, 8192), (1, 256)] {
        let mut rtc = Rtc::new();
        set(&mut rtc, Time::ZERO, 0x0a, A_COUNTS | select);
        set(&mut rtc, Time::ZERO, 0x0b, B_24_HOURS | PERIODIC);
        let mut seen = 0;
        while rtc.next_event() <= ms(1_000) {
            let now = rtc.next_event();
            rtc.settle(now);
            assert_eq!(get(&mut rtc, now, 0x0c) & (C_IRQF | PERIODIC), C_IRQF | PERIODIC);
            seen += 1;
        }
        assert_eq!(seen, count, "rate {select}");
    }
}

#[test]
fn the_alarm_matches_bytes_or_anything() {
    // Register B, the alarm's seconds, minutes and hours, and the milliseconds of its first two interrupts.
    let binary = B_24_HOURS | B_BINARY;
    let rows: [(u8, [u8; 3], [u64; 2]); 7] = [
        (B_24_HOURS, [0x15, 0x01, 0x00], [75_000, 86_475_000]),
        (B_24_HOURS, [0x15, 0xff, 0xff], [15_000, 75_000]),
        (B_24_HOURS, [0xc0, 0xc0, 0xc0], [1_000, 2_000]),
        (binary, [15, 1, 0], [75_000, 86_475_000]),
        (binary, [0, 0xff, 13], [46_800_000, 46_860_000]),
        // 12-hour mode: 1 p.m., midnight.
        (0, [0, 0, 0x81], [46_800_000, 133_200_000]),
        (0, [0, 0, 0x12], [86_400_000, 172_800_000]),
    ];
    for (b, alarm, expected) in rows {
        let mut rtc = Rtc::new();
        set(&mut rtc, Time::ZERO, 0x0b, b | ALARM);
        for (register, byte) in [1, 3, 5].into_iter().zip(alarm) {
            set(&mut rtc, Time::ZERO, register, byte);
        }
        let next = |rtc: &mut Rtc| {
            let now = rtc.next_event();
            rtc.settle(now);
            assert_eq!(get(rtc, now, 0x0c) & ALARM, ALARM);
            now
        };
        assert_eq!([next(&mut rtc), next(&mut rtc)], expected.map(ms), "{b:#x} {alarm:x?}");
    }
    let mut never = Rtc::new();
    set(&mut never, Time::ZERO, 0x0b, B_24_HOURS | ALARM);
    set(&mut never, Time::ZERO, 5, 0x24);
    assert_eq!(never.next_event(), Time::NEVER);
}

#[test]
fn an_update_is_announced_and_then_takes_place() {
    let mut rtc = Rtc::new();
    let uip = |rtc: &mut Rtc, us| get(rtc, Time::us(us), 0x0a) & A_UIP != 0;
    assert_eq!(
        [997_771, 997_772, 999_999, 1_000_000].map(|us| uip(&mut rtc, us)),
        [false, true, true, false]
    );
    assert_eq!(get(&mut rtc, Time::us(999_999), 0), 0);
    assert_eq!(get(&mut rtc, Time::us(1_000_000), 0), 1);
    // There is none while the clock is being set, nor of the interrupt.
    set(&mut rtc, ms(1_100), 0x0b, B_24_HOURS | B_SET | UPDATE_ENDED);
    assert_eq!(get(&mut rtc, ms(1_100), 0x0b), B_24_HOURS | B_SET, "SET clears UIE");
    get(&mut rtc, ms(1_100), 0x0c);
    assert!(!uip(&mut rtc, 1_999_000));
    assert_eq!((get(&mut rtc, ms(9_000), 0), get(&mut rtc, ms(9_000), 0x0c)), (1, PERIODIC));
}

/// What Linux's mc146818_set_time writes.
fn write_as_linux(rtc: &mut Rtc, now: Time, date: [u8; 7]) {
    let (b, a) = (get(rtc, now, 0x0b), get(rtc, now, 0x0a) & !A_UIP);
    set(rtc, now, 0x0b, b | B_SET);
    set(rtc, now, 0x0a, a | 0x70);
    for (register, value) in [0x32, 9, 8, 7, 4, 2, 0].into_iter().zip(date) {
        set(rtc, now, register, value);
    }
    set(rtc, now, 0x0b, b);
    set(rtc, now, 0x0a, a);
}

#[test]
fn a_clock_that_was_set_goes_on_from_there() {
    let mut rtc = Rtc::new();
    let now = ms(5_300);
    write_as_linux(&mut rtc, now, [0x20, 0x28, 0x02, 0x29, 0x23, 0x59, 0x58]);
    assert_eq!(date(&mut rtc, now), [0x20, 0x28, 0x02, 0x29, 0x23, 0x59, 0x58]);
    // The divider was released: the first second takes half of one.
    assert_eq!(date(&mut rtc, ms(5_799))[6], 0x58);
    assert_eq!(date(&mut rtc, ms(5_800))[6], 0x59);
    assert_eq!(date(&mut rtc, ms(6_800)), [0x20, 0x28, 0x03, 0x01, 0, 0, 0]);
    // An hour later: what was written is kept as an offset in virtual time.
    assert_eq!(date(&mut rtc, ms(6_800 + 3_600_000)), [0x20, 0x28, 0x03, 0x01, 0x01, 0, 0]);
    assert_eq!(rtc.next_flags()[1].1, ms(6_800 + 3_600_000 + 1_000), "and so are its updates");
}

#[test]
fn formats_are_those_of_register_b() {
    // Register B, what is written to hours and minutes, and how the hour reads in BCD and 24 hours.
    let rows = [
        (B_24_HOURS, 0x23, 0x45, 0x23),
        (B_24_HOURS | B_BINARY, 23, 45, 0x23),
        (0, 0x91, 0x45, 0x23),
        (0, 0x12, 0x45, 0x00),
        (0, 0x92, 0x45, 0x12),
        (B_BINARY, 0x80 | 11, 45, 0x23),
    ];
    for (b, hour, minute, expected) in rows {
        let mut rtc = Rtc::new();
        set(&mut rtc, Time::ZERO, 0x0b, b | B_SET);
        set(&mut rtc, Time::ZERO, 4, hour);
        set(&mut rtc, Time::ZERO, 2, minute);
        assert_eq!([4, 2].map(|r| get(&mut rtc, ms(10_000), r)), [hour, minute], "as written");
        set(&mut rtc, ms(10_000), 0x0b, B_24_HOURS);
        assert_eq!([4, 2, 0].map(|r| get(&mut rtc, ms(10_500), r)), [expected, 0x45, 0], "{b:#x} {hour:#x}");
        assert_eq!(get(&mut rtc, ms(11_000), 0), 1, "the divider went on");
    }
}

#[test]
fn a_register_may_be_set_while_the_clock_runs() {
    let mut rtc = Rtc::new();
    set(&mut rtc, ms(2_400), 2, 0x30);
    assert_eq!(date(&mut rtc, ms(3_000))[4..], [0, 0x30, 0x03]);
    set(&mut rtc, ms(3_000), 6, 2);
    assert_eq!(get(&mut rtc, ms(86_400_000), 6), 3, "the day of the week is a count of its own");
}

#[test]
fn no_sequence_of_accesses_panics() {
    let (mut rtc, mut x, mut now) = (Rtc::new(), 1u64, Time::ZERO);
    for _ in 0..200_000 {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        let r = x.wrapping_mul(0x2545_f491_4f6c_dd1d);
        let register = ((r >> 40) as u8 & 0x3f) % 0x34;
        set(&mut rtc, now, register, (r >> 32) as u8);
        get(&mut rtc, now, (r >> 50) as u8);
        assert!(rtc.next_event() > now, "{rtc:?}");
        now = now.plus(Time(r >> 20));
    }
    for time in [Time(u64::MAX - 1), Time::NEVER] {
        set(&mut rtc, time, 0, 0x59);
        date(&mut rtc, time);
        rtc.settle(time);
    }
}

#[test]
fn the_first_alarm_is_the_one_that_the_registers_say() {
    let rtc = Rtc::new();
    assert_eq!(rtc.alarm, rtc.next_alarm(Time::ZERO));
}
