//! Statistics (8.2.3.23): 32-bit counters that are cleared by reading them.

use super::spec::*;

macro_rules! statistics {
    ($($name:ident = $offset:literal, $text:literal;)*) => {
        /// A counter of the whole device.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        // Size classes are reached by counting on from the first; errors of the wire never happen.
        #[allow(dead_code)]
        pub enum Stat { $(#[doc = $text] $name,)* }
        /// Offset and name, in the order of [`Stat`].
        const TABLE: &[(u32, &str)] = &[$(($offset, $text),)*];
    };
}

statistics! {
    Mpc = 0x3fa0, "RXMPC[0]";
    Crcerrs = 0x4000, "CRCERRS";
    Illerrc = 0x4004, "ILLERRC";
    Errbc = 0x4008, "ERRBC";
    Mlfc = 0x4034, "MLFC";
    Mrfc = 0x4038, "MRFC";
    Rlec = 0x4040, "RLEC";
    Prc64 = 0x405c, "PRC64";
    Prc127 = 0x4060, "PRC127";
    Prc255 = 0x4064, "PRC255";
    Prc511 = 0x4068, "PRC511";
    Prc1023 = 0x406c, "PRC1023";
    Prc1522 = 0x4070, "PRC1522";
    Gprc = 0x4074, "GPRC";
    Bprc = 0x4078, "BPRC";
    Mprc = 0x407c, "MPRC";
    Gptc = 0x4080, "GPTC";
    Ruc = 0x40a4, "RUC";
    Rfc = 0x40a8, "RFC";
    Roc = 0x40ac, "ROC";
    Rjc = 0x40b0, "RJC";
    Tpr = 0x40d0, "TPR";
    Tpt = 0x40d4, "TPT";
    Ptc64 = 0x40d8, "PTC64";
    Ptc127 = 0x40dc, "PTC127";
    Ptc255 = 0x40e0, "PTC255";
    Ptc511 = 0x40e4, "PTC511";
    Ptc1023 = 0x40e8, "PTC1023";
    Ptc1522 = 0x40ec, "PTC1522";
    Mptc = 0x40f0, "MPTC";
    Bptc = 0x40f4, "BPTC";
    Xec = 0x4120, "XEC";
    FdirMatch = 0xee58, "FDIRMATCH";
    FdirMiss = 0xee5c, "FDIRMISS";
}

/// Byte counters of 36 bits: offset of the low half and name. Reading the high half clears both.
const WIDE: [(u32, &str); 3] = [(0x4088, "GORC"), (0x4090, "GOTC"), (0x40c0, "TOR")];
const WIDE_MASK: u64 = (1 << 36) - 1;

/// The counters of one of the sixteen statistics queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct QueueCounters {
    qprc: u32,
    qptc: u32,
    qprdc: u32,
    qbrc: u64,
    qbtc: u64,
}

/// Every counter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statistics {
    counters: [u32; TABLE.len()],
    wide: [u64; 3],
    queues: [QueueCounters; 16],
}

impl Statistics {
    /// All zero.
    pub fn new() -> Statistics {
        Statistics { counters: [0; TABLE.len()], wide: [0; 3], queues: [QueueCounters::default(); 16] }
    }

    /// Counts one; counters stick at their maximum.
    pub fn count(&mut self, stat: Stat) {
        let c = &mut self.counters[stat as usize];
        *c = c.saturating_add(1);
    }

    /// A frame came from the wire, whatever becomes of it.
    pub fn seen(&mut self, frame: &[u8]) {
        self.count(Stat::Tpr);
        self.wide[2] += frame.len() as u64 + 4;
    }

    /// It is a good one that passed the filters and found room in the packet buffer.
    pub fn accepted(&mut self, frame: &[u8]) {
        let length = frame.len() as u32 + 4;
        self.count(Stat::Gprc);
        self.count_size(Stat::Prc64, length);
        self.count_cast(frame, Stat::Mprc, Stat::Bprc);
        self.wide[0] += u64::from(length);
    }

    /// A frame of `length` bytes, without its FCS, is in memory, by statistics queue `queue`.
    pub fn received(&mut self, length: usize, queue: u8) {
        let q = &mut self.queues[usize::from(queue & 15)];
        q.qprc = q.qprc.wrapping_add(1);
        q.qbrc += length as u64;
    }

    /// A frame was sent from statistics queue `queue`.
    pub fn sent(&mut self, frame: &[u8], queue: u8) {
        let length = frame.len() as u32 + 4;
        self.count(Stat::Gptc);
        self.count(Stat::Tpt);
        self.count_size(Stat::Ptc64, length);
        self.count_cast(frame, Stat::Mptc, Stat::Bptc);
        self.wide[1] += u64::from(length);
        let q = &mut self.queues[usize::from(queue & 15)];
        q.qptc = q.qptc.wrapping_add(1);
        q.qbtc += u64::from(length - 4);
    }

    /// A frame was dropped for want of descriptors.
    pub fn dropped(&mut self, queue: u8) {
        let q = &mut self.queues[usize::from(queue & 15)];
        q.qprdc = q.qprdc.wrapping_add(1);
    }

    fn count_size(&mut self, first: Stat, length: u32) {
        let class = [64, 127, 255, 511, 1023].iter().filter(|limit| length > **limit).count();
        let c = &mut self.counters[first as usize + class];
        *c = c.saturating_add(1);
    }

    fn count_cast(&mut self, frame: &[u8], multicast: Stat, broadcast: Stat) {
        match frame.get(..6) {
            Some([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) => self.count(broadcast),
            Some([first, ..]) if first & 1 != 0 => self.count(multicast),
            _ => (),
        }
    }

    /// Reads a counter and clears it; `None` when there is none at `offset`.
    pub fn read(&mut self, offset: u32) -> Option<u32> {
        if let Some(i) = TABLE.iter().position(|row| row.0 == offset) {
            return Some(std::mem::take(&mut self.counters[i]));
        }
        if let Some(i) = WIDE.iter().position(|row| row.0 == offset & !4 || row.0 + 4 == offset) {
            return Some(read_wide(&mut self.wide[i], offset != WIDE[i].0));
        }
        match offset {
            QPTC..0x86c0 => Some(std::mem::take(&mut self.queues[((offset - QPTC) / 4) as usize].qptc)),
            QBTC..0x8780 => {
                let q = &mut self.queues[((offset - QBTC) / 8) as usize];
                Some(read_wide(&mut q.qbtc, offset & 4 != 0))
            }
            _ => None,
        }
    }

    /// Reads a counter in receive block `block` and clears it.
    pub fn read_rx_block(&mut self, block: u32, register: u32) -> Option<u32> {
        let q = self.queues.get_mut((block & 15) as usize)?;
        match (block, register) {
            (0..16, queue::PACKETS) => Some(std::mem::take(&mut q.qprc)),
            (16..32, queue::PACKETS) => Some(std::mem::take(&mut q.qprdc)),
            (0..16, queue::BYTES_LOW) => Some(read_wide(&mut q.qbrc, false)),
            (0..16, queue::WBAL) => Some(read_wide(&mut q.qbrc, true)),
            _ => None,
        }
    }

    /// Reads QPTC in transmit block `block` and clears it.
    pub fn read_tx_block(&mut self, block: u32, register: u32) -> Option<u32> {
        let q = self.queues.get_mut(block as usize).filter(|_| register == queue::PACKETS)?;
        Some(std::mem::take(&mut q.qptc))
    }

    /// The counters that are not zero.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let narrow = TABLE.iter().zip(&self.counters).map(|(row, v)| (row.1, u64::from(*v)));
        let wide = WIDE.iter().zip(&self.wide).map(|(row, v)| (row.1, *v));
        narrow.chain(wide).filter(|(_, v)| *v != 0)
    }
}

fn read_wide(counter: &mut u64, high: bool) -> u32 {
    if high { ((std::mem::take(counter) & WIDE_MASK) >> 32) as u32 } else { *counter as u32 }
}
