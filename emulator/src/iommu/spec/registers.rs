//! Memory-mapped registers, VT-d 10.4: offsets, bits and one table of access masks.

/// VER, 32 bits, RO, 10.4.1.
pub const VER: u64 = 0x000;
/// CAP, 64 bits, RO, 10.4.2.
pub const CAP: u64 = 0x008;
/// ECAP, 64 bits, RO, 10.4.3.
pub const ECAP: u64 = 0x010;
/// GCMD, 32 bits, WO, 10.4.4.
pub const GCMD: u64 = 0x018;
/// GSTS, 32 bits, RO, 10.4.5.
pub const GSTS: u64 = 0x01c;
/// RTADDR, 64 bits, RW, 10.4.6.
pub const RTADDR: u64 = 0x020;
/// CCMD, 64 bits, RW, 10.4.7.
pub const CCMD: u64 = 0x028;
/// FSTS, 32 bits, RW1C, 10.4.9.
pub const FSTS: u64 = 0x034;
/// FECTL, 32 bits, RW, 10.4.10.
pub const FECTL: u64 = 0x038;
/// FEDATA, 32 bits, RW, 10.4.11.
pub const FEDATA: u64 = 0x03c;
/// FEADDR, 32 bits, RW, 10.4.12.
pub const FEADDR: u64 = 0x040;
/// FEUADDR, 32 bits, RW, 10.4.13.
pub const FEUADDR: u64 = 0x044;
/// PMEN, 32 bits, RsvdZ because CAP.PLMR and CAP.PHMR are 0, 10.4.16.
pub const PMEN: u64 = 0x064;
/// IQH, 64 bits, RO, 10.4.21.
pub const IQH: u64 = 0x080;
/// IQT, 64 bits, RW, 10.4.22.
pub const IQT: u64 = 0x088;
/// IQA, 64 bits, RW, 10.4.23.
pub const IQA: u64 = 0x090;
/// ICS, 32 bits, RW1C, 10.4.24.
pub const ICS: u64 = 0x09c;
/// IECTL, 32 bits, RW, 10.4.25.
pub const IECTL: u64 = 0x0a0;
/// IEDATA, 32 bits, RW, 10.4.26.
pub const IEDATA: u64 = 0x0a4;
/// IEADDR, 32 bits, RW, 10.4.27.
pub const IEADDR: u64 = 0x0a8;
/// IEUADDR, 32 bits, RW, 10.4.28.
pub const IEUADDR: u64 = 0x0ac;
/// IQERCD, 64 bits, RO: what was wrong with the queue.
pub const IQERCD: u64 = 0x0b0;
/// IRTA, 64 bits, RW, 10.4.29.
pub const IRTA: u64 = 0x0b8;
/// IVA, 64 bits, WO, 10.4.8.2, at ECAP.IRO x 16.
pub const IVA: u64 = 0x100;
/// IOTLB, 64 bits, RW, 10.4.8.1, at ECAP.IRO x 16 + 8.
pub const IOTLB: u64 = 0x108;
/// FRCD, 128 bits each, 10.4.14, at CAP.FRO x 16.
pub const FRCD: u64 = 0x200;
/// How many fault recording registers there are, CAP.NFR + 1.
pub const FRCD_COUNT: u8 = 8;
/// Bytes of register space that hold anything.
pub const REGISTERS_END: u64 = FRCD + 16 * FRCD_COUNT as u64;
/// The same in 32-bit words.
pub const WORDS: usize = (REGISTERS_END / 4) as usize;

/// Architecture version 1.0.
pub const VER_VALUE: u32 = 0x10;
/// ND = 6 (64 K domains), SAGAW 39 and 48 bits, MGAW, FRO, SLLPS 2 MiB and 1 GiB, PSI, NFR,
/// MAMV = 18, DWD, DRD. RWBF, PLMR, PHMR, CM, ESIRTPS and ESRTPS are 0.
pub const CAP_VALUE: u64 = 6
    | 0b00110 << 8
    | (super::MAXIMUM_GUEST_ADDRESS_WIDTH as u64 - 1) << 16
    | (FRCD / 16) << 24
    | 0b0011 << 34
    | 1 << 39
    | (FRCD_COUNT as u64 - 1) << 40
    | (MAMV as u64) << 48
    | 0b11 << 54;
/// C, QI, IR, EIM, PT, IRO, MHMV = 15. DT, SC, SMTS and PI (posted interrupts) are 0.
pub const ECAP_VALUE: u64 = 1 | 1 << 1 | 1 << 3 | 1 << 4 | 1 << 6 | (IVA / 16) << 8 | (MHMV as u64) << 20;
/// Maximum address mask value of a page-selective invalidation: 2^18 pages, 1 GiB.
pub const MAMV: u8 = 18;
/// Maximum handle mask value of an index-selective interrupt-entry-cache invalidation.
pub const MHMV: u8 = 15;

/// GCMD.TE, GSTS.TES: translation.
pub const TE: u32 = 1 << 31;
/// GCMD.SRTP, GSTS.RTPS: root table pointer.
pub const SRTP: u32 = 1 << 30;
/// GCMD.QIE, GSTS.QIES: queued invalidation.
pub const QIE: u32 = 1 << 26;
/// GCMD.IRE, GSTS.IRES: interrupt remapping.
pub const IRE: u32 = 1 << 25;
/// GCMD.SIRTP, GSTS.IRTPS: interrupt remap table pointer.
pub const SIRTP: u32 = 1 << 24;
/// GCMD.CFI, GSTS.CFIS: compatibility-format interrupts pass.
pub const CFI: u32 = 1 << 23;
/// The bits of GCMD that stay as written; SRTP, SIRTP and WBF act once.
pub const GCMD_LEVELS: u32 = TE | QIE | IRE | CFI;

/// RTADDR.TTM, bits 11:10: translation table mode; only 00, legacy, exists here.
pub const RTADDR_TTM: u64 = 0b11 << 10;
/// IRTA.EIME, bit 11: extended interrupt mode.
pub const IRTA_EIME: u64 = 1 << 11;
/// IRTA.S, bits 3:0: the table has 2^(S+1) entries.
pub const IRTA_S: u64 = 0xf;
/// Page-aligned address field of RTADDR, IQA and IRTA.
pub const TABLE_ADDRESS: u64 = !0xfff;

/// CCMD.ICC and IOTLB.IVT (bit 63), in the high word.
pub const COMMAND_GO: u32 = 1 << 31;

/// FSTS.PFO: primary fault overflow, RW1CS.
pub const FSTS_PFO: u32 = 1;
/// FSTS.PPF: primary pending fault, the OR of every F bit.
pub const FSTS_PPF: u32 = 1 << 1;
/// FSTS.IQE: invalidation queue error, RW1CS.
pub const FSTS_IQE: u32 = 1 << 4;
/// The status bits of which a set one means an interrupt condition is already there.
pub const FSTS_CONDITIONS: u32 = 0x7f;
/// Where FSTS.FRI, bits 15:8, begins: the record of the first pending fault.
pub const FSTS_FRI_SHIFT: u32 = 8;
/// FRCD.F (bit 127) in the last word of a record, RW1CS.
pub const FRCD_F: u32 = 1 << 31;
/// FRCD.T (bit 126) in the last word of a record: 1 for a read.
pub const FRCD_T: u32 = 1 << 30;

/// FECTL.IM and IECTL.IM: interrupt mask.
pub const EVENT_IM: u32 = 1 << 31;
/// FECTL.IP and IECTL.IP: interrupt pending, RO.
pub const EVENT_IP: u32 = 1 << 30;
/// ICS.IWC: invalidation wait descriptor complete.
pub const ICS_IWC: u32 = 1;

/// One register: where it is, and what software may do to its bits.
pub struct Register {
    /// The specification's name.
    pub name: &'static str,
    /// Byte offset in the register page.
    pub offset: u64,
    /// Width in bits, 32 or 64.
    pub width: u8,
    /// Value after reset.
    pub reset: u64,
    /// Bits that a write changes.
    pub writable: u64,
    /// Bits that a write of 1 clears.
    pub clears: u64,
    /// Bits that read as 0 whatever was written.
    pub hidden: u64,
}

const fn row(name: &'static str, offset: u64, width: u8, reset: u64, writable: u64, clears: u64) -> Register {
    Register { name, offset, width, reset, writable, clears, hidden: 0 }
}

const ALL32: u64 = 0xffff_ffff;

/// Every register but the fault recording ones.
pub const REGISTERS: [Register; 25] = [
    row("VER", VER, 32, VER_VALUE as u64, 0, 0),
    row("CAP", CAP, 64, CAP_VALUE, 0, 0),
    row("ECAP", ECAP, 64, ECAP_VALUE, 0, 0),
    Register { hidden: ALL32, ..row("GCMD", GCMD, 32, 0, 0xff80_0000, 0) },
    row("GSTS", GSTS, 32, 0, 0, 0),
    row("RTADDR", RTADDR, 64, 0, TABLE_ADDRESS | RTADDR_TTM, 0),
    row("CCMD", CCMD, 64, 0, 0xe000_0003_ffff_ffff, 0),
    row("FSTS", FSTS, 32, 0, 0, 0x71),
    row("FECTL", FECTL, 32, EVENT_IM as u64, EVENT_IM as u64, 0),
    row("FEDATA", FEDATA, 32, 0, ALL32, 0),
    row("FEADDR", FEADDR, 32, 0, 0xffff_fffc, 0),
    row("FEUADDR", FEUADDR, 32, 0, ALL32, 0),
    row("PMEN", PMEN, 32, 0, 0, 0),
    row("IQH", IQH, 64, 0, 0, 0),
    row("IQT", IQT, 64, 0, 0x7fff0, 0),
    row("IQA", IQA, 64, 0, TABLE_ADDRESS | 7, 0),
    row("ICS", ICS, 32, 0, 0, ICS_IWC as u64),
    row("IECTL", IECTL, 32, EVENT_IM as u64, EVENT_IM as u64, 0),
    row("IEDATA", IEDATA, 32, 0, ALL32, 0),
    row("IEADDR", IEADDR, 32, 0, 0xffff_fffc, 0),
    row("IEUADDR", IEUADDR, 32, 0, ALL32, 0),
    row("IQERCD", IQERCD, 64, 0, 0, 0),
    row("IRTA", IRTA, 64, 0, TABLE_ADDRESS | IRTA_EIME | IRTA_S, 0),
    Register { hidden: u64::MAX, ..row("IVA", IVA, 64, 0, TABLE_ADDRESS | 0x7f, 0) },
    row("IOTLB", IOTLB, 64, 0, 0xb003_ffff_0000_0000, 0),
];

/// What software may do to one 32-bit word of register space.
#[derive(Clone, Copy)]
pub struct Word {
    /// Value after reset.
    pub reset: u32,
    /// Bits that a write changes.
    pub writable: u32,
    /// Bits that a write of 1 clears.
    pub clears: u32,
    /// Bits that read as 0.
    pub hidden: u32,
}

/// The table above, one row per word; a word of no register is all zero.
pub const ACCESS: [Word; WORDS] = {
    let mut words = [Word { reset: 0, writable: 0, clears: 0, hidden: 0 }; WORDS];
    let mut i = 0;
    while i < REGISTERS.len() {
        let r = &REGISTERS[i];
        let mut half = 0;
        while half < r.width / 32 {
            let shift = 32 * half as u32;
            words[(r.offset / 4) as usize + half as usize] = Word {
                reset: (r.reset >> shift) as u32,
                writable: (r.writable >> shift) as u32,
                clears: (r.clears >> shift) as u32,
                hidden: (r.hidden >> shift) as u32,
            };
            half += 1;
        }
        i += 1;
    }
    let mut record = 0;
    while record < FRCD_COUNT as usize {
        words[(FRCD / 4) as usize + 4 * record + 3].clears = FRCD_F;
        record += 1;
    }
    words
};
