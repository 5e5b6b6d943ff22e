use super::*;
use crate::time::Time;

const IDLE: WireConfig = WireConfig {
    propagation: Time::ns(500),
    spacing: Time::ZERO,
    faults: Faults { drop_every: [0; 2], corrupt_every: [0; 2] },
};

#[test]
fn a_full_frame_occupies_1538_bytes() {
    let sent = Wire::new(IDLE).send(Direction::ToPeer, Time::us(1), vec![0; 1514]);
    assert_eq!(sent.starts, Time::us(1));
    assert_eq!(sent.free_at.since(sent.starts), Time(1_230_400), "1230.4 ns");
    assert_eq!(sent.arrives.since(sent.starts), Time(1_526 * 800 + 500_000), "end of FCS, then the cable");
}

#[test]
fn a_short_frame_is_padded_to_84_bytes_on_the_wire() {
    for len in [0, 1, 14, 42, 60] {
        let sent = Wire::new(IDLE).send(Direction::ToNic, Time::ZERO, vec![0; len]);
        assert_eq!(sent.free_at, Time(67_200), "14.88 million frames a second");
    }
    assert_eq!(Wire::new(IDLE).send(Direction::ToNic, Time::ZERO, vec![0; 61]).free_at, Time(68_000));
}

#[test]
fn a_packet_rate_spaces_short_frames_and_does_not_hold_up_long_ones() {
    let mut wire = Wire::new(IDLE);
    wire.set_packet_rate(1_000_000);
    let mut gap = |len| {
        let first = wire.send(Direction::ToNic, Time::ZERO, vec![0; len]);
        let second = wire.send(Direction::ToNic, Time::ZERO, vec![0; len]);
        second.starts.since(first.starts)
    };
    assert_eq!(gap(60), Time::us(1));
    assert_eq!(gap(1514), Time(1_230_400), "10 Gb/s is slower than a million of these a second");
    wire.set_packet_rate(14_881_000);
    let [first, second] = [(); 2].map(|()| wire.send(Direction::ToPeer, Time::ZERO, vec![0; 60]));
    assert_eq!(second.starts.since(first.starts), Time(67_200), "what 10 Gb/s takes bounds nothing");
    wire.set_packet_rate(0);
    assert_eq!(wire.config().spacing, Time::ZERO);
}

#[test]
fn a_busy_lane_queues_and_the_other_direction_does_not_wait() {
    let mut wire = Wire::new(IDLE);
    let first = wire.send(Direction::ToPeer, Time::ZERO, vec![1; 1514]);
    let second = wire.send(Direction::ToPeer, Time::ns(10), vec![2; 1514]);
    let other = wire.send(Direction::ToNic, Time::ns(10), vec![3; 60]);
    assert_eq!(second.starts, first.free_at);
    assert_eq!(other.starts, Time::ns(10));
    assert_eq!(wire.free_at(Direction::ToPeer), second.free_at);
    assert_eq!(wire.next_event(), other.arrives);
}

#[test]
fn frames_arrive_in_time_order_and_not_before_their_time() {
    let mut wire = Wire::new(IDLE);
    let sent = wire.send(Direction::ToPeer, Time::ZERO, vec![1; 60]);
    assert_eq!(wire.take_due(Time(sent.arrives.0 - 1)), None);
    wire.send(Direction::ToNic, Time::ZERO, vec![2; 60]);
    assert_eq!(wire.take_due(sent.arrives), Some((Direction::ToPeer, vec![1; 60])), "the peer's first");
    assert_eq!(wire.take_due(sent.arrives), Some((Direction::ToNic, vec![2; 60])));
    assert_eq!(wire.next_event(), Time::NEVER);
}

#[test]
fn a_fault_takes_every_third_frame_of_its_direction_only() {
    let faults = Faults { drop_every: [3, 0], corrupt_every: [0, 2] };
    let mut wire = Wire::new(WireConfig { faults, ..IDLE });
    for n in 0..6 {
        wire.send(Direction::ToPeer, Time::ZERO, vec![n; 60]);
    }
    let got: Vec<u8> =
        std::iter::from_fn(|| wire.take_due(Time::ms(1))).filter_map(|(_, f)| f.first().copied()).collect();
    assert_eq!(got, [0, 1, 3, 4]);
    assert_eq!(wire.counters(Direction::ToPeer).dropped, 2);
    wire.send_copy(Direction::ToNic, Time::ZERO, &[7; 60]);
    wire.send_copy(Direction::ToNic, Time::ZERO, &[7; 60]);
    let ends: Vec<_> =
        std::iter::from_fn(|| wire.take_due(Time::ms(1))).map(|(_, f)| f.last().copied()).collect();
    assert_eq!(ends, [Some(7), Some(7 ^ 0x10)]);
}

#[test]
fn spare_buffers_are_no_state() {
    let mut used = Wire::new(IDLE);
    used.recycle(vec![1, 2, 3]);
    assert_eq!(used, Wire::new(IDLE));
    assert_eq!(used.buffer(), Vec::<u8>::new(), "a reused buffer is empty");
}

#[test]
fn a_shorter_cable_lets_no_frame_overtake() {
    let mut wire = Wire::new(WireConfig { propagation: Time::us(9), ..IDLE });
    let slow = wire.send(Direction::ToPeer, Time::ZERO, vec![0; 60]);
    wire.set_propagation(Time::ZERO);
    assert!(wire.send(Direction::ToPeer, Time::ZERO, vec![0; 60]).arrives > slow.arrives);
}
