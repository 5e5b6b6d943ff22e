//! Stories: what a driver does, and what comes of it.

mod flow_director;
mod hostile;
mod init;
mod moderation;
mod receive;
mod transmit;

use super::spec::*;
use super::{DmaFault, Nic, NicClient, NicConfig};
use crate::time::Time;
use crate::trace::{Kind, LifeId};

pub const MAC: [u8; 6] = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
pub const RX_RING: u64 = 0x1000;
pub const TX_RING: u64 = 0x2000;
pub const BUFFERS: u64 = 0x1_0000;
pub const HEAD_WRITE_BACK: u64 = 0x3000;

/// A megabyte of memory, a 10 Gb/s wire, and a notebook.
#[derive(Default)]
pub struct World {
    pub memory: Vec<u8>,
    pub now: Time,
    pub sent: Vec<Vec<u8>>,
    pub in_memory: Vec<(bool, Vec<u8>)>,
    pub messages: Vec<(Time, u64, u32, LifeId)>,
    pub lives: u32,
    pub records: Vec<(Kind, LifeId, u64, u64)>,
}

impl World {
    fn range(&self, address: u64, length: usize) -> Result<std::ops::Range<usize>, DmaFault> {
        let start = usize::try_from(address).map_err(|_| DmaFault)?;
        let end = start.checked_add(length).ok_or(DmaFault)?;
        if end <= self.memory.len() { Ok(start..end) } else { Err(DmaFault) }
    }

    pub fn count(&self, kind: Kind) -> usize {
        self.records.iter().filter(|r| r.0 == kind).count()
    }

    pub fn bytes(&self, address: u64, length: usize) -> Vec<u8> {
        self.memory[address as usize..address as usize + length].to_vec()
    }

    pub fn quad(&self, address: u64) -> u64 {
        u64::from_le_bytes(self.bytes(address, 8).try_into().unwrap())
    }

    pub fn put(&mut self, address: u64, bytes: &[u8]) {
        self.memory[address as usize..address as usize + bytes.len()].copy_from_slice(bytes);
    }

    pub fn descriptor(&mut self, ring: u64, index: u64, quads: [u64; 2]) {
        self.put(ring + 16 * index, &quads[0].to_le_bytes());
        self.put(ring + 16 * index + 8, &quads[1].to_le_bytes());
    }
}

impl NicClient for World {
    fn left_out(&mut self) {
        panic!("nothing is left out");
    }

    fn dma_read(&mut self, address: u64, data: &mut [u8]) -> Result<(), DmaFault> {
        let range = self.range(address, data.len())?;
        data.copy_from_slice(&self.memory[range]);
        Ok(())
    }

    fn dma_write(&mut self, address: u64, data: &[u8]) -> Result<(), DmaFault> {
        let range = self.range(address, data.len())?;
        self.memory[range].copy_from_slice(data);
        Ok(())
    }

    fn transmit(&mut self, frame: &[u8]) -> Time {
        self.sent.push(frame.to_vec());
        self.now.plus(Time(800 * (frame.len() as u64 + 24)))
    }

    fn in_memory(&mut self, inbound: bool, frame: &[u8]) {
        self.in_memory.push((inbound, frame.to_vec()));
    }

    fn raise(&mut self, _vector: u16) -> LifeId {
        self.lives += 1;
        LifeId(self.lives)
    }

    fn message(&mut self, address: u64, data: u32, life: LifeId) {
        self.messages.push((self.now, address, data, life));
    }

    fn record(&mut self, kind: Kind, life: LifeId, a: u64, b: u64) {
        self.records.push((kind, life, a, b));
    }
}

/// A device, its world, and a driver's verbs.
pub struct Bench {
    pub nic: Nic,
    pub world: World,
}

impl Bench {
    /// The device after power-on, its link up.
    pub fn new() -> Bench {
        let world = World { memory: vec![0; 1 << 20], ..World::default() };
        let mut bench = Bench { nic: Nic::new(&NicConfig::default()), world };
        bench.run_for(Time::us(100));
        bench
    }

    /// A device that a driver has set up: queue 0 in both directions, vector 0 for both, rings of
    /// eight descriptors, 2 KiB receive buffers, seven of them given to the device.
    pub fn ready() -> Bench {
        let mut b = Bench::new();
        b.config(4, 6);
        for (i, value) in [0xfee0_0000, 0, 0x41, 0].into_iter().enumerate() {
            b.nic.msix_write(b.world.now, 4 * i as u64, 4, value, &mut b.world);
        }
        b.config(0x72, 0x8000);
        b.write(CTRL, CTRL_RST);
        b.write(EIMC, 0x7fff_ffff);
        assert_ne!(b.read(RDRXCTL) & RDRXCTL_DMAIDONE, 0);
        b.write(GPIE, GPIE_MULTIPLE_MSIX | GPIE_EIAME | 1 << 31);
        b.write(IVAR, 0x8080);
        b.write(EIAC, 0xffff);
        b.write(FCTRL, FCTRL_BAM);
        b.write(RX_QUEUES_LOW + queue::BAL, RX_RING as u32);
        b.write(RX_QUEUES_LOW + queue::LEN, 128);
        b.write(RX_QUEUES_LOW + queue::SRRCTL, 2 | 1 << 25);
        b.write(RX_QUEUES_LOW + queue::CONTROL, QUEUE_ENABLE);
        for i in 0..8 {
            b.world.descriptor(RX_RING, i, [BUFFERS + 0x800 * i, 0]);
        }
        b.write(RXCTRL, RXCTRL_RXEN);
        b.write(RX_QUEUES_LOW + queue::TAIL, 7);
        b.write(TX_QUEUES + queue::BAL, TX_RING as u32);
        b.write(TX_QUEUES + queue::LEN, 128);
        b.write(DMATXCTL, DMATXCTL_TE | 0x8100_0000);
        b.write(TX_QUEUES + queue::CONTROL, QUEUE_ENABLE);
        b.write(EIMS, 1);
        b
    }

    pub fn write(&mut self, offset: u32, value: u32) {
        self.nic.mmio_write(self.world.now, offset.into(), 4, value.into(), &mut self.world);
    }

    pub fn read(&mut self, offset: u32) -> u32 {
        self.nic.mmio_read(self.world.now, offset.into(), 4, &mut self.world) as u32
    }

    /// Writes 16 bits of configuration space.
    pub fn config(&mut self, offset: u16, value: u32) {
        self.nic.config_write(self.world.now, offset, 2, value, &mut self.world);
    }

    /// Lets time pass, stopping at every event.
    pub fn run_for(&mut self, time: Time) {
        let end = self.world.now.plus(time);
        let mut steps = 0;
        while self.nic.next_event() <= end {
            self.world.now = self.world.now.max(self.nic.next_event());
            self.nic.advance(self.world.now, &mut self.world);
            steps += 1;
            assert!(steps < 1_000_000, "time stands still");
        }
        self.world.now = end;
    }

    pub fn arrive(&mut self, frame: &[u8]) {
        self.nic.receive(self.world.now, frame, &mut self.world);
    }

    /// Puts transmit descriptors in the ring from `at` and rings the doorbell.
    pub fn send(&mut self, at: u64, descriptors: &[[u64; 2]]) {
        for (i, d) in descriptors.iter().enumerate() {
            self.world.descriptor(TX_RING, (at + i as u64) % 8, *d);
        }
        self.write(TX_QUEUES + queue::TAIL, ((at + descriptors.len() as u64) % 8) as u32);
    }
}

/// An advanced data descriptor of a whole packet.
pub fn whole(address: u64, length: usize, options: u64) -> [u64; 2] {
    let command = tx::EOP | 1 << 25 | tx::RS | tx::DEXT | tx::DTYP_DATA << 20;
    [address, command | options | length as u64 | (length as u64) << 46]
}

/// A broadcast frame of `length` bytes.
pub fn broadcast(length: usize) -> Vec<u8> {
    let mut frame: Vec<u8> = (0..length).map(|i| i as u8).collect();
    frame[..6].fill(0xff);
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    frame
}

/// A TCP or UDP packet to the station; checksums as given (`None`: right).
pub fn ip_packet(protocol: u8, payload: usize, l4_sum: Option<u16>) -> Vec<u8> {
    let header = if protocol == 6 { 20 } else { 8 };
    let total = 20 + header + payload;
    let mut p = vec![0; 14 + total];
    p[..6].copy_from_slice(&MAC);
    p[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
    p[12..14].copy_from_slice(&[8, 0]);
    p[14..24].copy_from_slice(&[0x45, 0, (total >> 8) as u8, total as u8, 0x12, 0x34, 0x40, 0, 64, protocol]);
    p[26..34].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
    p[34..38].copy_from_slice(&[0x1b, 0x59, 0x00, 0x07]);
    if protocol == 6 {
        p[38..48].copy_from_slice(&[0, 0, 1, 0, 0, 0, 0, 9, 0x50, 0x19]);
    } else {
        let l4 = header + payload;
        p[38..40].copy_from_slice(&[(l4 >> 8) as u8, l4 as u8]);
    }
    for (i, byte) in p[34 + header..].iter_mut().enumerate() {
        *byte = (i * 7) as u8;
    }
    let at = if protocol == 6 { 50 } else { 40 };
    let right = !slow_sum(&p[34..], pseudo(protocol, header + payload));
    p[at..at + 2].copy_from_slice(&l4_sum.unwrap_or(right).to_be_bytes());
    let ip = !slow_sum(&p[14..34], 0);
    p[24..26].copy_from_slice(&ip.to_be_bytes());
    p
}

/// The pseudo-header's sum for the addresses above.
pub fn pseudo(protocol: u8, length: usize) -> u32 {
    0x0a00 + 1 + 0x0a00 + 2 + u32::from(protocol) + length as u32
}

/// RFC 1071, word by word: not the code under test.
pub fn slow_sum(bytes: &[u8], start: u32) -> u16 {
    let mut total = start;
    for pair in bytes.chunks(2) {
        total += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        total = (total & 0xffff) + (total >> 16);
    }
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    total as u16
}
