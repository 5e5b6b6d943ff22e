//! Whatever a guest writes, the device neither panics nor loops.

use super::*;

/// Marsaglia's xorshift, so that every run is the same.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn empty_buffers_send_nothing_and_are_reported_done() {
    let mut b = Bench::ready();
    b.send(0, &[whole(BUFFERS, 0, 0); 3]);
    b.run_for(Time::us(20));
    assert!(b.world.sent.is_empty());
    assert_eq!(b.read(TX_QUEUES + queue::HEAD), 3);
    assert_eq!(b.world.count(Kind::PacketDropped), 3);
    assert_eq!(b.world.bytes(TX_RING + 12, 1), [1]);
}

#[test]
fn a_refused_read_stops_its_queue_until_it_is_enabled_anew() {
    let mut b = Bench::ready();
    b.send(0, &[whole(0xdead_beef_0000_0000, 64, 0)]);
    b.run_for(Time::us(20));
    assert_ne!(b.read(EICS) & EICR_PCI, 0);
    b.send(1, &[whole(BUFFERS, 64, 0)]);
    b.run_for(Time::us(20));
    assert!(b.world.sent.is_empty());
    b.write(TX_QUEUES + queue::CONTROL, 0);
    b.write(TX_QUEUES + queue::HEAD, 1);
    b.write(TX_QUEUES + queue::CONTROL, QUEUE_ENABLE);
    b.run_for(Time::us(20));
    assert_eq!(b.world.sent.len(), 1);
}

#[test]
fn a_refused_write_is_lost_and_reception_goes_on() {
    let mut b = Bench::ready();
    b.world.descriptor(RX_RING, 0, [u64::MAX, 0]);
    b.arrive(&broadcast(64));
    b.arrive(&broadcast(65));
    b.run_for(Time::us(20));
    assert_eq!(b.read(RX_QUEUES_LOW + queue::HEAD), 2);
    assert_eq!(b.world.bytes(BUFFERS + 0x800, 65), broadcast(65));
}

#[test]
fn rings_of_no_length_and_tails_outside_do_nothing() {
    let mut b = Bench::ready();
    for (length, tail) in [(0, 5), (128, 8), (128, 0xffff), (0x000f_ff80, 0xffff)] {
        for block in [RX_QUEUES_LOW, TX_QUEUES] {
            b.write(block + queue::LEN, length);
            b.write(block + queue::TAIL, tail);
        }
        b.arrive(&broadcast(64));
        b.run_for(Time::us(20));
        b.write(RX_QUEUES_LOW + queue::TAIL, 0);
    }
}

#[test]
fn a_segmentation_without_payload_or_with_absurd_headers_is_dropped() {
    let mut b = Bench::ready();
    let command = tx::DTYP_CONTEXT << 20 | tx::DEXT;
    for (at, context) in
        [[0, command], [0xffff_ffff, command | 0xffff << 48], [u64::MAX, !0xf0_0000 | command]]
            .into_iter()
            .enumerate()
    {
        b.send(2 * at as u64, &[context, whole(BUFFERS, 1000, tx::TSE | tx::IXSM | tx::TXSM)]);
        b.run_for(Time::us(20));
    }
    assert!(b.world.sent.is_empty());
    assert_eq!(b.read(TX_QUEUES + queue::HEAD), 6);
}

#[test]
fn a_packet_without_end_does_not_grow_without_end() {
    let mut b = Bench::ready();
    b.write(TX_QUEUES + queue::LEN, 4096);
    let endless = whole(BUFFERS, 0xffff, tx::TSE)[1] & !tx::EOP;
    for i in 0..256 {
        b.world.descriptor(TX_RING, i, [BUFFERS, endless]);
    }
    for turn in 0..20 {
        b.write(TX_QUEUES + queue::TAIL, if turn % 2 == 0 { 255 } else { 100 });
        b.run_for(Time::us(100));
    }
    assert!(b.world.sent.is_empty());
}

#[test]
fn random_accesses_are_survived() {
    let mut b = Bench::ready();
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for i in 0..200_000u64 {
        let (r, value) = (noise.next(), noise.next());
        let size = [1, 2, 4, 8][(r >> 60) as usize & 3];
        let small = if r & 1 << 50 != 0 { value & 0x3ff } else { value };
        match r >> 40 & 15 {
            0..6 => b.nic.mmio_write(b.world.now, r & 0x1_ffff, size, small, &mut b.world),
            6..9 => {
                let queue = [RX_QUEUES_LOW, TX_QUEUES][(r & 1) as usize];
                b.write(queue + (r as u32 & 0x7c), small as u32);
            }
            9 => drop(b.nic.mmio_read(b.world.now, r & 0x7_ffff, size, &mut b.world)),
            10 => b.nic.msix_write(b.world.now, r & 0x3fff, size, small, &mut b.world),
            11 => {
                let offset = (r & 0xfff) as u16;
                b.nic.config_write(b.world.now, offset, size.min(4), small as u32, &mut b.world);
                b.nic.config_write(b.world.now, 4, 2, 7, &mut b.world);
            }
            12 => b.write([RXCTRL, DMATXCTL, EIMS, GPIE][(r & 3) as usize], value as u32 | 1),
            13 => b.write([RX_QUEUES_LOW, TX_QUEUES][(r & 1) as usize] + queue::CONTROL, QUEUE_ENABLE),
            14 => b.world.descriptor(TX_RING, r & 0xff, [noise.next() & 0xf_ffff, noise.next()]),
            _ => {
                let length = (r & 0x3fff) as usize;
                let mut frame: Vec<u8> = (0..length).map(|_| noise.next() as u8).collect();
                if length > 40 && r & 1 << 30 != 0 {
                    frame[..6].fill(0xff);
                    frame[12..15].copy_from_slice(&[8, 0, 0x45]);
                    frame[23] = [6, 17, 132, 0][(r >> 31 & 3) as usize];
                }
                b.arrive(&frame);
            }
        }
        if i % 16 == 0 {
            b.run_for(Time::us(5));
            b.world.sent.clear();
            b.world.records.clear();
            b.world.messages.clear();
        }
    }
    let _ = b.nic.inspect();
}

#[test]
fn a_clone_goes_on_exactly_as_the_original() {
    let mut b = Bench::ready();
    b.write(EITR_LOW, 10 << 3);
    b.arrive(&ip_packet(6, 500, None));
    b.send(0, &[whole(BUFFERS, 300, 0); 4]);
    b.run_for(Time::us(2));
    let mut copy = Bench {
        nic: b.nic.clone(),
        world: World {
            memory: b.world.memory.clone(),
            now: b.world.now,
            lives: b.world.lives,
            ..World::default()
        },
    };
    b.run_for(Time::us(50));
    copy.run_for(Time::us(50));
    assert!(b.nic == copy.nic);
    assert!(b.world.memory == copy.world.memory);
}

#[test]
fn how_time_is_cut_makes_no_difference() {
    let story = |slice: u64| {
        let mut b = Bench::ready();
        b.write(EITR_LOW, 4 << 3);
        for _ in 0..5 {
            b.arrive(&ip_packet(6, 700, None));
        }
        b.send(0, &[whole(BUFFERS, 1000, 0); 6]);
        for _ in 0..40_000 / slice {
            b.run_for(Time::ns(slice));
        }
        (b.nic, b.world.messages, b.world.records, b.world.memory)
    };
    let whole_run = story(40_000);
    assert!(whole_run == story(10));
    assert!(whole_run == story(500));
}
