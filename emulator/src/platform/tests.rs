use super::*;

fn write(p: &mut Platform, port: u16, size: u8, value: u32) -> Option<PortEffect> {
    p.write_port(Time::ZERO, port, size, value)
}

fn read(p: &mut Platform, port: u16) -> u32 {
    p.read_port(Time::ZERO, port, 1).unwrap()
}

#[test]
fn stops_and_marks_are_values() {
    let rows = [
        (0xf4, 4, 0x1234_5678, Some(PortEffect::Exit(0x1234_5678))),
        (0xf4, 1, 0x1234_5678, Some(PortEffect::Exit(0x78))),
        (0x5e0, 4, 0x0100_8124, Some(PortEffect::Mark(0x0100_8124))),
        (0x5e0, 1, 1, Some(PortEffect::None)),
        (0x604, 2, 5 << 10 | 1 << 13, Some(PortEffect::PowerOff)),
        (0x604, 2, 1 << 13, Some(PortEffect::None)),
        (0x604, 2, 5 << 10, Some(PortEffect::None)),
        (0xcf9, 1, 0x06, Some(PortEffect::Reset)),
        (0xcf9, 1, 0x02, Some(PortEffect::None)),
        (0xcf8, 4, 0x8000_0000, None),
        (0x64, 1, 0xfe, Some(PortEffect::Reset)),
        (0x64, 1, 0xaa, Some(PortEffect::None)),
        (0x92, 1, 0x03, Some(PortEffect::Reset)),
        (0x80, 1, 0x55, Some(PortEffect::None)),
        (0x1234, 1, 0, None),
    ];
    for (port, size, value, effect) in rows {
        assert_eq!(write(&mut Platform::new(), port, size, value), effect, "port {port:#x} <- {value:#x}");
    }
    assert_eq!(Platform::new().read_port(Time::ZERO, 0xcf8, 4), None);
}

#[test]
fn the_reset_register_acts_on_the_rising_edge() {
    let mut p = Platform::new();
    write(&mut p, 0xcf9, 1, 0x0e);
    assert_eq!(read(&mut p, 0xcf9), 0x0e);
    assert_eq!(write(&mut p, 0xcf9, 1, 0x06), Some(PortEffect::None));
}

#[test]
fn soft_off_may_be_written_in_two_steps() {
    let mut p = Platform::new();
    assert_eq!(write(&mut p, 0x604, 2, 5 << 10), Some(PortEffect::None));
    assert_eq!(p.read_port(Time::ZERO, 0x604, 2), Some(5 << 10 | 1));
    assert_eq!(write(&mut p, 0x604, 2, 5 << 10 | 1 << 13), Some(PortEffect::PowerOff));
}

#[test]
fn the_power_management_timer_counts_at_3_579545_megahertz() {
    let mut p = Platform::new();
    assert_eq!(p.read_port(Time::ms(1000), 0x608, 4), Some(3_579_545));
    // 32 bits wrap after about 1200 s.
    assert_eq!(p.read_port(Time::ms(1_200_000), 0x608, 4), Some((1200 * 3_579_545u64) as u32));
}

#[test]
fn the_serial_port_sends_receives_and_interrupts_in_priority_order() {
    let mut p = Platform::new();
    write(&mut p, 0x3fb, 1, 0x83);
    write(&mut p, 0x3f8, 1, 1);
    write(&mut p, 0x3fb, 1, 0x03);
    write(&mut p, 0x3fa, 1, 0x01);
    write(&mut p, 0x3fc, 1, 0x0b);
    for c in b"hi\n" {
        write(&mut p, 0x3f8, 1, u32::from(*c));
    }
    assert_eq!((p.uart.take_output(), p.uart.output_total()), (b"hi\n".to_vec(), 3));
    assert_eq!(p.uart.output(), b"");
    write(&mut p, 0x3f9, 1, 0x03);
    assert!(p.uart.push_input(b'x'));
    assert_eq!(p.interrupt_lines(Time::ZERO), 1 << 4);
    assert_eq!(read(&mut p, 0x3fa), 0xc4, "received data");
    assert_eq!((read(&mut p, 0x3fd), read(&mut p, 0x3f8), read(&mut p, 0x3fd)), (0x61, 0x78, 0x60));
    assert_eq!(read(&mut p, 0x3fa), 0xc2, "transmitter empty");
    assert_eq!(read(&mut p, 0x3fa), 0xc1, "which reading has cleared");
    assert_eq!(p.interrupt_lines(Time::ZERO), 0);
}

#[test]
fn the_receive_fifo_holds_sixteen_bytes_and_loopback_feeds_it() {
    let mut p = Platform::new();
    write(&mut p, 0x3fa, 1, 0x01);
    assert_eq!((0..20).filter(|i| p.uart.push_input(*i)).count(), 16);
    write(&mut p, 0x3fa, 1, 0x03);
    write(&mut p, 0x3fc, 1, 0x1f);
    assert_eq!(read(&mut p, 0x3fe), 0xf0, "outputs come back as inputs");
    write(&mut p, 0x3f8, 1, 0x5a);
    assert_eq!((read(&mut p, 0x3f8), p.uart.output_total()), (0x5a, 0));
}

#[test]
fn a_byte_without_room_is_an_overrun() {
    let mut p = Platform::new();
    for (fifos, kept) in [(0, b'b'), (1, b'a')] {
        write(&mut p, 0x3fa, 1, fifos | 2);
        let room = p.uart.room();
        (0..room).for_each(|_| p.uart.receive(b'a'));
        assert_eq!(read(&mut p, 0x3fd) & 2, 0);
        p.uart.receive(b'b');
        assert_eq!((read(&mut p, 0x3fd) & 2, read(&mut p, 0x3f8)), (2, kept.into()), "FIFOs {fifos}");
        assert_eq!(read(&mut p, 0x3fd) & 2, 0, "cleared by reading");
    }
}

#[test]
fn the_clock_starts_on_the_first_of_january_and_follows_virtual_time() {
    let mut p = Platform::new();
    let at = |p: &mut Platform, now, index| {
        p.write_port(now, 0x70, 1, index);
        p.read_port(now, 0x71, 1).unwrap()
    };
    // 31 January, 23:59:58, is a Saturday.
    let now = Time::ms((30 * 86_400 + 86_398) * 1000);
    let bcd: Vec<u32> = [0, 2, 4, 6, 7, 8, 9, 0x32].map(|i| at(&mut p, now, i)).to_vec();
    assert_eq!(bcd, [0x58, 0x59, 0x23, 7, 0x31, 1, 0x26, 0x20]);
    let later = now.plus(Time::ms(2000));
    assert_eq!([4, 6, 7, 8].map(|i| at(&mut p, later, i)), [0, 1, 1, 2]);
    p.write_port(now, 0x70, 1, 0x0b);
    p.write_port(now, 0x71, 1, 0x04);
    assert_eq!(at(&mut p, now, 4), 0x8b, "binary, 11 p.m.");
    assert_eq!(at(&mut p, Time::NEVER, 0x0d), 0x80);
}

#[test]
fn interrupt_controllers_take_their_initialization_words_and_then_masks() {
    let mut p = Platform::new();
    for (port, value) in [(0x20, 0x11), (0x21, 0x30), (0x21, 4), (0x21, 1), (0x21, 0xfb)] {
        write(&mut p, port, 1, value);
    }
    assert_eq!((read(&mut p, 0x21), read(&mut p, 0xa1)), (0xfb, 0));
    assert_eq!(p.inspect().find("pic_primary/base"), Some(&Node::value("base", 0x30, 8)));
}

#[test]
fn channel_two_raises_its_output_when_the_count_is_over() {
    let mut p = Platform::new();
    write(&mut p, 0x61, 1, 0);
    write(&mut p, 0x43, 1, 0xb0);
    // 11932 ticks are 10 ms.
    write(&mut p, 0x42, 1, 11932 & 0xff);
    write(&mut p, 0x42, 1, 11932 >> 8);
    let out = |p: &mut Platform, now| p.read_port(now, 0x61, 1).unwrap() >> 5 & 1;
    assert_eq!(out(&mut p, Time::ms(50)), 0, "the gate is closed");
    p.write_port(Time::ms(50), 0x61, 1, 1);
    assert_eq!((out(&mut p, Time::us(59_990)), out(&mut p, Time::us(60_010))), (0, 1));
}

#[test]
fn a_latched_count_is_read_low_byte_first_and_does_not_move() {
    let mut p = Platform::new();
    write(&mut p, 0x43, 1, 0x34);
    write(&mut p, 0x40, 1, 0);
    write(&mut p, 0x40, 1, 0);
    let now = Time::ms(10);
    p.write_port(now, 0x43, 1, 0x00);
    let low = p.read_port(now, 0x40, 1).unwrap();
    let high = p.read_port(Time::ms(20), 0x40, 1).unwrap();
    assert_eq!(high << 8 | low, 0x1_0000 - 11931);
}

#[test]
fn no_port_access_panics() {
    let (mut p, mut x) = (Platform::new(), 1u64);
    for _ in 0..300_000 {
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        let r = x.wrapping_mul(0x2545_f491_4f6c_dd1d);
        let (now, port, size) = (Time(x), (r >> 48) as u16 % 0xd00, [1, 2, 4, 255][r as usize & 3]);
        let _ = p.write_port(now, port, size, (r >> 8) as u32);
        let _ = p.read_port(now, port, size);
    }
    assert_eq!(p.read_port(Time::NEVER, u16::MAX, 4), None);
    assert_eq!(p.inspect().name(), "platform");
}
