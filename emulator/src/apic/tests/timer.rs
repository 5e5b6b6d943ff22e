//! The timer's three modes.

use super::*;

const ONE_SHOT: u64 = 0x40;
const PERIODIC: u64 = 0x2_0040;
const DEADLINE: u64 = 0x4_0040;
const BY_1: u64 = 0b1011;

fn timer(hz: u64, lvt: u64) -> LocalApic {
    let mut apic = LocalApic::new(0, true, hz, Clock::new(TSC_HZ));
    apic.write_base(apic.base_msr() | BASE_EXTD).unwrap();
    apic.write_msr(msr(SVR), 0x1ff, NOW).unwrap();
    apic.write_msr(msr(DIVIDE), BY_1, NOW).unwrap();
    apic.write_msr(msr(LVT_TIMER), lvt, NOW).unwrap();
    apic
}

fn current(apic: &LocalApic, now: Time) -> u64 {
    apic.read_msr(msr(CURRENT_COUNT), now).unwrap()
}

#[test]
fn the_divide_configuration_counts_from_two_and_ends_with_one() {
    for (divide, by) in [(0, 2), (1, 4), (2, 8), (3, 16), (8, 32), (9, 64), (10, 128), (11, 1)] {
        let mut apic = timer(1_000_000_000, ONE_SHOT);
        apic.write_msr(msr(DIVIDE), divide, NOW).unwrap();
        assert_eq!(apic.write_msr(msr(INITIAL_COUNT), 10, NOW), Ok(Action::TimerArmed));
        assert_eq!(apic.next_event(), Time::ns(10 * by), "divide {divide:#06b}");
        assert_eq!(current(&apic, Time::ns(3 * by)), 7);
        assert_eq!(current(&apic, Time(3 * by * 1000 - 1)), 8);
    }
}

#[test]
fn one_shot_fires_once_and_stays_at_zero() {
    let mut apic = timer(1_000_000_000, ONE_SHOT);
    apic.write_msr(msr(INITIAL_COUNT), 5, Time::ns(100)).unwrap();
    assert_eq!(apic.advance(Time(104_999)), None);
    assert_eq!(apic.advance(Time::ns(105)), Some(0x40));
    assert_eq!((apic.next_event(), apic.advance(Time::ns(200))), (Time::NEVER, None));
    assert_eq!(current(&apic, Time::ns(105)), 0);
    assert_eq!(apic.read_msr(msr(INITIAL_COUNT), NOW), Ok(5));
}

#[test]
fn a_period_that_is_no_whole_number_of_picoseconds_does_not_drift() {
    let (mut apic, count) = (timer(TIMER_HZ, PERIODIC), 133_333u64);
    apic.write_msr(msr(INITIAL_COUNT), count, NOW).unwrap();
    for k in 1..=100_000u128 {
        let exact = (k * u128::from(count) * 1_000_000_000_000).div_ceil(u128::from(TIMER_HZ)) as u64;
        assert_eq!(apic.next_event(), Time(exact), "expiry {k}");
        assert_eq!(apic.advance(Time(exact)), Some(0x40));
        assert_eq!(current(&apic, Time(exact)), count);
        assert_eq!(current(&apic, Time(exact + 7_501)), count - 1);
    }
}

#[test]
fn periods_missed_together_fire_once_and_keep_the_phase() {
    let mut apic = timer(1_000_000_000, PERIODIC);
    apic.write_msr(msr(INITIAL_COUNT), 10, NOW).unwrap();
    assert_eq!(apic.advance(Time::ns(57)), Some(0x40));
    assert_eq!((apic.next_event(), apic.advance(Time::ns(57))), (Time::ns(60), None));
    assert_eq!(current(&apic, Time::ns(57)), 3);
}

#[test]
fn zero_stops_the_count_and_a_mask_only_silences_it() {
    let mut apic = timer(1_000_000_000, PERIODIC | 1 << 16);
    apic.write_msr(msr(INITIAL_COUNT), 10, NOW).unwrap();
    assert_eq!(apic.advance(Time::ns(10)), None);
    assert_eq!(apic.next_event(), Time::ns(20), "the state went on");
    apic.write_msr(msr(LVT_TIMER), PERIODIC, Time::ns(15)).unwrap();
    assert_eq!(apic.advance(Time::ns(20)), Some(0x40));
    apic.write_msr(msr(INITIAL_COUNT), 0, Time::ns(25)).unwrap();
    assert_eq!((apic.next_event(), current(&apic, Time::ns(25))), (Time::NEVER, 0));
}

#[test]
fn a_running_count_goes_on_at_a_new_rate_and_another_mode_disarms_it() {
    let mut apic = timer(1_000_000_000, ONE_SHOT);
    apic.write_msr(msr(INITIAL_COUNT), 10, NOW).unwrap();
    apic.write_msr(msr(DIVIDE), 0, Time::ns(4)).unwrap();
    assert_eq!((current(&apic, Time::ns(4)), apic.next_event()), (6, Time::ns(16)));
    apic.write_msr(msr(LVT_TIMER), PERIODIC, Time::ns(6)).unwrap();
    assert_eq!((apic.next_event(), current(&apic, Time::ns(6))), (Time::NEVER, 0), "11.5.4.1");
    apic.write_msr(msr(INITIAL_COUNT), 10, Time::ns(20)).unwrap();
    assert_eq!(apic.advance(Time::ns(40)), Some(0x40), "ten ticks of two nanoseconds");
}

#[test]
fn the_deadline_fires_at_its_cycle_and_then_reads_zero() {
    let mut apic = timer(TIMER_HZ, DEADLINE);
    let at = Clock::new(TSC_HZ).time(2_930_000);
    apic.write_deadline(2_930_000, Time::us(5));
    assert_eq!((apic.deadline_msr(), apic.next_event()), (2_930_000, at));
    assert_eq!(apic.advance(Time(at.0 - 1)), None);
    assert_eq!(apic.advance(at), Some(0x40));
    assert_eq!((apic.deadline_msr(), apic.next_event()), (0, Time::NEVER));
}

#[test]
fn a_deadline_in_the_past_fires_at_once_zero_disarms_and_an_offset_counts() {
    let mut apic = timer(TIMER_HZ, DEADLINE);
    apic.write_deadline(1, Time::us(5));
    assert_eq!(apic.advance(Time::us(5)), Some(0x40));
    apic.write_deadline(2_930_000_000, Time::us(5));
    apic.set_tsc_offset(2_930_000, Time::us(5));
    assert_eq!(apic.next_event(), Time::ms(999));
    apic.write_deadline(0, Time::us(6));
    assert_eq!((apic.deadline_msr(), apic.next_event()), (0, Time::NEVER));
}

#[test]
fn the_deadline_belongs_to_its_mode_alone() {
    let mut apic = timer(TIMER_HZ, ONE_SHOT);
    apic.write_deadline(1000, NOW);
    assert_eq!((apic.deadline_msr(), apic.next_event()), (0, Time::NEVER));
    apic.write_msr(msr(LVT_TIMER), DEADLINE, NOW).unwrap();
    apic.write_msr(msr(INITIAL_COUNT), 10, NOW).unwrap();
    assert_eq!(apic.read_msr(msr(INITIAL_COUNT), NOW), Ok(0), "ignored in TSC-deadline mode");
    apic.write_deadline(1000, NOW);
    apic.write_msr(msr(LVT_TIMER), DEADLINE | 1, NOW).unwrap();
    assert_eq!(apic.deadline_msr(), 1000, "another vector does not disarm");
    apic.write_msr(msr(LVT_TIMER), PERIODIC, NOW).unwrap();
    assert_eq!((apic.deadline_msr(), apic.next_event()), (0, Time::NEVER));
}
