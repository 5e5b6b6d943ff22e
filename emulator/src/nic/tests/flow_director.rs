use super::*;

const FDIRMATCH: u32 = 0xee58;
const FDIRMISS: u32 = 0xee5c;
/// What Linux's driver gives the device, and what comes of them for the flow of [`ip_packet`] over TCP (`flow`).
const KEYS: [(u32, u32); 2] = [(FDIRHKEY, 0x3dad_14e2), (FDIRSKEY, 0x174d_3614)];
const SIGNATURE: u32 = 0x3ec8 << 16 | 0x2b77;
/// Of 2,048 buckets.
const BUCKET: u32 = 0x377;
/// FDIRCTRL: 64 KiB, and the flexible bytes are the type of the frame.
const CONTROL: u32 = 1 | 6 << FDIRCTRL_FLEX;
const TCP: u32 = 2 << FDIRCMD_KIND;
const TO_QUEUE_0: u32 = FDIRCMD_QUEUE_EN;
const TO_QUEUE_5: u32 = FDIRCMD_QUEUE_EN | 5 << FDIRCMD_QUEUE;

fn with(control: u32) -> Bench {
    let mut b = Bench::ready();
    for (register, key) in KEYS {
        b.write(register, key);
    }
    b.write(FDIRCTRL, control);
    assert_ne!(b.read(FDIRCTRL) & 8, 0, "it is initialised");
    b
}

/// As a driver does it: both halves at once.
fn command(b: &mut Bench, hash: u32, command: u32) {
    let both = u64::from(command) << 32 | u64::from(hash);
    b.nic.mmio_write(b.world.now, FDIRHASH.into(), 8, both, &mut b.world);
    assert_eq!(b.read(FDIRCMD) & FDIRCMD_CMD, 0, "it is done");
}

/// A frame comes: the first two doublewords of its descriptor and its status, if queue 0 has it.
fn comes(b: &mut Bench, frame: &[u8]) -> Option<(u32, u32, u32)> {
    let at = RX_RING + 16 * u64::from(b.read(RX_QUEUES_LOW + queue::HEAD));
    b.arrive(frame);
    b.run_for(Time::us(10));
    let (low, high) = (b.world.quad(at), b.world.quad(at + 8));
    (high as u32 & rx::DD != 0).then_some((low as u32, (low >> 32) as u32, high as u32))
}

fn counted(b: &mut Bench) -> (u32, u32) {
    (b.read(FDIRMATCH), b.read(FDIRMISS))
}

#[test]
fn a_signature_sends_its_flow_to_its_queue_and_no_other() {
    let mut b = with(CONTROL);
    let (tcp, udp) = (ip_packet(6, 100, None), ip_packet(17, 100, None));
    assert_eq!(b.read(FDIRFREE), 8190);
    command(&mut b, SIGNATURE, ADD | TCP | TO_QUEUE_5);
    assert_eq!((b.read(FDIRFREE), b.read(FDIRUSTAT), b.read(FDIRUSTAT)), (8189, 1, 0));
    assert_eq!(comes(&mut b, &tcp), None, "queue 5 is off");
    let (kind, hash, status) = comes(&mut b, &udp).expect("queue 0 has it");
    assert_eq!((kind & 0xf, hash, status & rx::FLM), (0, 0, 0));
    assert_eq!((counted(&mut b), counted(&mut b)), ((1, 1), (0, 0)));
    // The same filter again goes elsewhere only if it is to be updated.
    command(&mut b, SIGNATURE, ADD | TCP | TO_QUEUE_0);
    assert_eq!(comes(&mut b, &tcp), None, "queue 5 is off");
    command(&mut b, SIGNATURE, ADD | FDIRCMD_UPDATE | TCP | TO_QUEUE_0);
    let (.., status) = comes(&mut b, &tcp).expect("queue 0 has it");
    assert_ne!(status & rx::FLM, 0);
    assert_eq!(b.read(FDIRUSTAT), 0);
    // The hash's upper bits, and the command's kind, name nothing.
    command(&mut b, SIGNATURE & !0x6000, QUERY);
    assert_eq!(b.read(FDIRCMD) & FDIRCMD_VALID, FDIRCMD_VALID);
    // All are gone when the table is laid out anew.
    b.write(FDIRCMD, FDIRCMD_CLEAR);
    assert_eq!(b.read(FDIRFREE), 8190);
    assert!(comes(&mut b, &tcp).is_some_and(|(.., status)| status & rx::FLM == 0));
}

#[test]
fn a_perfect_filter_is_the_flow_that_the_masks_leave() {
    let mut b = with(CONTROL | FDIRCTRL_PERFECT | FDIRCTRL_REPORT | 127 << FDIRCTRL_DROP_QUEUE);
    let tcp = ip_packet(6, 100, None);
    b.write(RXCSUM, 1 << 13);
    let program = |b: &mut Bench| {
        b.write(FDIRIPSA, u32::from_le_bytes([10, 0, 0, 1]));
        b.write(FDIRIPDA, u32::from_le_bytes([10, 0, 0, 2]));
        b.write(FDIRPORT, 7 << 16 | 7001);
        b.write(FDIRVLAN, 0x0008 << 16);
    };
    program(&mut b);
    assert_eq!(b.read(FDIRFREE), 2046);
    command(&mut b, 77 << 16 | BUCKET, ADD | TCP | TO_QUEUE_0);
    let (kind, hash, status) = comes(&mut b, &tcp).expect("queue 0 has it");
    assert_eq!((kind & 0xf, hash, status & rx::FLM), (rx::REPORTS_FILTER, 77 << 16 | BUCKET, rx::FLM));
    // From another port it is another flow.
    let mut other = tcp.clone();
    other[35] ^= 1;
    assert!(comes(&mut b, &other).is_some_and(|(kind, ..)| kind & 0xf == 0));
    assert_eq!(counted(&mut b), (1, 1));
    // To be dropped, then gone; the index tells which.
    command(&mut b, 77 << 16 | BUCKET, ADD | FDIRCMD_UPDATE | TCP | TO_QUEUE_0 | FDIRCMD_DROP);
    assert_eq!(comes(&mut b, &tcp), None);
    command(&mut b, 78 << 16 | BUCKET, QUERY);
    assert_eq!(b.read(FDIRCMD) & FDIRCMD_VALID, 0);
    command(&mut b, 77 << 16 | BUCKET, QUERY);
    assert_eq!(b.read(FDIRCMD) & FDIRCMD_VALID, FDIRCMD_VALID);
    for _ in 0..2 {
        command(&mut b, 77 << 16 | BUCKET, REMOVE);
    }
    assert_eq!((b.read(FDIRUSTAT), b.read(FDIRFSTAT), b.read(FDIRFREE)), (1 << 16 | 1, 1 << 8, 2046));
    assert!(comes(&mut b, &tcp).is_some_and(|(.., status)| status & rx::FLM == 0));
}

/// The hash is of what the masks leave, too: a filter for a network and the upper half of a port.
#[test]
fn masks_hide_bits_of_addresses_and_of_ports_from_their_other_end() {
    let masks = [
        (FDIRSIP4M, u32::from_le_bytes([0, 0, 0, 255])),
        (FDIRTCPM, 0xffff << 16 | u32::from(0x00ff_u16.reverse_bits())),
        (FDIRM, FDIRM_FLEX | FDIRM_VLANID | FDIRM_VLANP | FDIRM_POOL),
    ];
    let mut b = with(CONTROL | FDIRCTRL_PERFECT);
    for (register, mask) in masks {
        b.write(register, mask);
    }
    b.write(FDIRIPSA, u32::from_le_bytes([10, 0, 0, 9]));
    b.write(FDIRIPDA, u32::from_le_bytes([10, 0, 0, 2]));
    b.write(FDIRPORT, 1 << 16 | 7001);
    let masked = crate::nic::flow::Flow {
        kind: 2,
        ports: [0x1b00, 0],
        addresses: [[0x0a00_0000, 0, 0, 0], [0x0a00_0002, 0, 0, 0]],
        ..Default::default()
    };
    let bucket = masked.hash(KEYS[0].1);
    command(&mut b, bucket.into(), ADD | TCP | TO_QUEUE_0);
    let mut tcp = ip_packet(6, 100, None);
    for (at, matches) in [(29, true), (35, true), (37, true), (28, false), (34, false), (33, false)] {
        tcp[at] ^= 1;
        let (.., status) = comes(&mut b, &tcp).expect("queue 0 has it");
        assert_eq!(status & rx::FLM != 0, matches, "byte {at}");
        tcp[at] ^= 1;
    }
}

#[test]
fn a_frame_that_waits_for_a_descriptor_is_counted_once() {
    let mut b = with(CONTROL);
    command(&mut b, SIGNATURE, ADD | TCP | TO_QUEUE_0);
    for _ in 0..8 {
        b.arrive(&ip_packet(6, 100, None));
    }
    b.run_for(Time::us(50));
    // Seven descriptors; the eighth frame is looked at again each time.
    b.write(RX_QUEUES_LOW + queue::TAIL, 7);
    b.run_for(Time::us(50));
    assert_eq!(counted(&mut b), (7, 0));
    b.write(RX_QUEUES_LOW + queue::TAIL, 6);
    b.run_for(Time::us(50));
    assert_eq!(counted(&mut b), (1, 0));
}

#[test]
fn software_is_warned_before_there_is_no_room() {
    let mut b = with(CONTROL | FDIRCTRL_PERFECT | 4 << FDIRCTRL_THRESHOLD);
    b.write(EIMS, EICR_MISC);
    for index in 0..2046 - 64 {
        command(&mut b, index << 16, ADD | TCP | TO_QUEUE_0);
    }
    assert_eq!((b.read(FDIRFREE), b.read(EICR) & EICR_FLOW_DIRECTOR), (64, 0));
    command(&mut b, 2000 << 16, ADD | TCP | TO_QUEUE_0);
    assert_ne!(b.read(EICR) & EICR_FLOW_DIRECTOR, 0);
}

#[test]
fn without_room_a_filter_is_refused_and_software_told() {
    let mut b = with(CONTROL | FDIRCTRL_PERFECT);
    b.write(EIMS, EICR_MISC);
    for index in 0..2046 {
        command(&mut b, index << 16, ADD | TCP | TO_QUEUE_0);
    }
    assert_eq!((b.read(FDIRFREE), b.read(EICR) & EICR_FLOW_DIRECTOR), (0, 0));
    command(&mut b, 2046 << 16, ADD | TCP | TO_QUEUE_0);
    assert_eq!((b.read(FDIRFSTAT), b.read(FDIRUSTAT)), (1, 2046));
    assert_ne!(b.read(EICR) & EICR_FLOW_DIRECTOR, 0);
    b.write(FDIRCTRL, 0);
    command(&mut b, 0, ADD | TCP | TO_QUEUE_0);
    assert_eq!((b.read(FDIRFREE), b.read(FDIRFSTAT)), (0, 1), "without a share there is no room at all");
}
