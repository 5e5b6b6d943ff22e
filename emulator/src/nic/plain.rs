//! Registers that hold what is written to them, as one table.

use super::spec::{ESDP_RESET, FWSM_HOST_INTERFACE};

/// One row: `count` registers, 4 bytes apart, from `offset`.
struct Row {
    offset: u32,
    count: u32,
    reset: u32,
    /// The bits that software may write.
    writable: u32,
    name: &'static str,
}

const fn row(offset: u32, count: u32, reset: u32, writable: u32, name: &'static str) -> Row {
    Row { offset, count, reset, writable, name }
}

const RW: u32 = u32::MAX;
const RO: u32 = 0;

/// In order of their offsets; sections are in 8.2.3.
const ROWS: &[Row] = &[
    row(0x00000, 1, 0, !0x0400_0008, "CTRL"),
    row(0x00018, 1, 0, RW, "CTRL_EXT"),
    // SDP2 is an input.
    row(0x00020, 1, ESDP_RESET, !0x4, "ESDP"),
    row(0x0004c, 1, 0, RW, "TCPTIMER"),
    row(0x00200, 1, 0x0000_0100, RW, "LEDCTL"),
    row(0x00894, 1, 0, RW, "EITRSEL"),
    row(0x02140, 16, 0, RW, "RTRPT4C"),
    row(0x02300, 32, 0, RW, "RQSMR"),
    row(0x02430, 1, 0, RW, "RTRPCS"),
    row(0x02f00, 1, 0x0000_8808, !0x8, "RDRXCTL"),
    row(0x02f04, 1, 0, RW, "QDE"),
    row(0x03000, 1, 0, RW, "RXCTRL"),
    row(0x03008, 1, 0, RW, "PFCTOP"),
    row(0x03020, 1, 0, RW, "RTRUP2TC"),
    row(0x03028, 1, 0, RW, "RSCDBU"),
    row(0x03200, 4, 0, RW, "FCTTV"),
    row(0x03220, 8, 0, RW, "FCRTL"),
    row(0x03260, 8, 0, RW, "FCRTH"),
    row(0x032a0, 1, 0, RW, "FCRTV"),
    row(0x03c00, 1, 0x8_0000, 0xf_fc00, "RXPBSIZE0"),
    row(0x03c04, 7, 0, 0xf_fc00, "RXPBSIZE"),
    row(0x03c20, 16, 0, RW, "RT2CR"),
    row(0x03d00, 1, 0, RW, "FCCFG"),
    row(0x03d04, 1, 0, RW, "DROPEN"),
    row(0x04200, 1, 0, RW, "PCS1GCFIG"),
    row(0x04208, 1, 0, RW, "PCS1GLCTL"),
    row(0x04218, 1, 0, RW, "PCS1GANA"),
    row(0x04240, 1, 0x0000_0403, RW, "HLREG0"),
    row(0x04248, 1, 0, RW, "PAP"),
    row(0x0425c, 1, 0, !0x4000_0000, "MSCA"),
    row(0x04260, 1, 0xffff_0000, 0x0000_ffff, "MSRWD"),
    row(0x04264, 1, 0, RW, "MLADD"),
    row(0x04268, 1, 0x05ee_0000, 0xffff_0000, "MAXFRS"),
    row(0x04294, 1, 0, RW, "MFLCN"),
    row(0x0429c, 1, 0, RW, "MACS"),
    row(0x042a8, 1, 0x0002_0000, RW, "AUTOC2"),
    row(0x042d0, 1, 0, RW, "MMNGC"),
    row(0x04324, 1, 0, RO, "LINKS2"),
    row(0x04330, 1, 0, RW, "MACC"),
    row(0x04900, 4, 0, RW, "RTTDCS"),
    row(0x04910, 16, 0, RW, "RTTDT2C"),
    row(0x04950, 8, 0xa0, RW, "TXPBTHRESH"),
    row(0x04980, 1, 0, RW, "RTTBCNRM"),
    row(0x04984, 1, 0, RW, "RTTBCNRC"),
    row(0x0498c, 2, 0, RW, "RTTBCNRD"),
    row(0x04a80, 1, 0x8100_0000, RW, "DMATXCTL"),
    row(0x04a88, 1, 0x0ff6_0ff6, 0x0fff_0fff, "DTXTCPFLGL"),
    row(0x04a8c, 1, 0x0000_0f7f, 0x0000_0fff, "DTXTCPFLGH"),
    row(0x05000, 1, 0, RW, "RXCSUM"),
    row(0x05008, 1, 0, RW, "RFCTL"),
    row(0x05078, 1, 0x8100_0000, RW, "EXVET"),
    row(0x05080, 1, 0, RW, "FCTRL"),
    row(0x05088, 1, 0x0000_8100, RW, "VLNCTRL"),
    row(0x05090, 1, 0, RW, "MCSTCTRL"),
    row(0x050b0, 2, 0, RW, "PFFLP"),
    row(0x05128, 8, 0, RW, "ETQF"),
    row(0x05180, 2, 0, RW, "PFVMTXSW"),
    row(0x05188, 1, 0, RW, "TSYNCRXCTL"),
    row(0x051b0, 1, 0, RW, "PFVTCTL"),
    row(0x051e0, 2, 0, RW, "PFVFRE"),
    row(0x05200, 128, 0, RW, "MTA"),
    row(0x05480, 16, 0, RW, "PSRTYPE (low)"),
    row(0x05800, 1, 0, RW, "WUC"),
    row(0x05808, 1, 0, RW, "WUFC"),
    // Written ones clear it, and nothing ever wakes.
    row(0x05810, 1, 0, RO, "WUS"),
    row(0x05818, 1, 0, RW, "MRQC"),
    row(0x05820, 1, 0, RW, "MANC"),
    row(0x05838, 1, 0, RW, "IPAV"),
    row(0x05c00, 32, 0, RW, "RETA"),
    row(0x05c80, 10, 0, RW, "RSSRK"),
    row(0x08000, 64, 0, RW, "PFVMVIR"),
    row(0x08100, 1, 0x10, RW, "DTXMXSZRQ"),
    row(0x08110, 2, 0xffff_ffff, RW, "PFVFTE"),
    row(0x08120, 1, 0, RW, "MTQC"),
    row(0x08200, 9, 0, RW, "PFVFSPOOF"),
    row(0x082e0, 4, 0, RW, "TXLLQ"),
    row(0x08600, 32, 0, RW, "TQSM"),
    row(0x08800, 1, 0, RW, "SECTXCTRL"),
    // Ready, and IPsec and LinkSec are strapped off (bit 1).
    row(0x08804, 1, 0x3, RO, "SECTXSTAT"),
    row(0x08808, 1, 0x250, RW, "SECTXBUFFAF"),
    row(0x08810, 1, 0x1001, RW, "SECTXMINIFG"),
    row(0x08c00, 1, 0, RW, "TSYNCTXCTL"),
    row(0x08c14, 4, 0, RW, "TIMINCA"),
    row(0x08d00, 1, 0, RW, "SECRXCTRL"),
    row(0x08d04, 1, 0x3, RO, "SECRXSTAT"),
    row(0x0a000, 128, 0, RW, "VFTA"),
    row(0x0a200, 256, 0, RW, "RAL, RAH"),
    row(0x0a600, 256, 0, RW, "MPSAR"),
    row(0x0c800, 1, 0, RW, "RTTUP2TC"),
    row(0x0cb00, 1, 0, RW, "TIPG"),
    row(0x0cc00, 1, 0x2_8000, 0xf_fc00, "TXPBSIZE0"),
    row(0x0cc04, 7, 0, 0xf_fc00, "TXPBSIZE"),
    row(0x0cd00, 1, 0, RW, "RTTPCS"),
    row(0x0cd10, 1, 0, RW, "MNGTXMAP"),
    row(0x0cd20, 16, 0, RW, "RTTPT2C"),
    row(0x0ce00, 1, 0, RO, "TFCS"),
    row(0x0e000, 128, 0, RW, "SAQF"),
    row(0x0e200, 128, 0, RW, "DAQF"),
    row(0x0e400, 128, 0, RW, "SDPQF"),
    row(0x0e600, 128, 0, RW, "FTQF"),
    row(0x0e800, 128, 0, RW, "L34TIMIR"),
    row(0x0ea00, 64, 0, RW, "PSRTYPE"),
    row(0x0ec00, 8, 0, RW, "ETQS"),
    row(0x0ec30, 1, 0, RW, "SYNQF"),
    row(0x0ec60, 1, 0, RW, "IMIRVP"),
    row(0x0ec70, 1, 0, RW, "RQTC"),
    row(0x0ec90, 1, 0, RW, "LLITHRESH"),
    // The flow director is initialised at once, and has done every command at once.
    row(0x0ee00, 1, 0x8, !0x8, "FDIRCTRL"),
    row(0x0ee0c, 8, 0, RW, "FDIRSIPV6"),
    row(0x0ee2c, 1, 0, !0x7, "FDIRCMD"),
    row(0x0ee3c, 5, 0, RW, "FDIRDIP4M"),
    row(0x0ee60, 8, 0, RW, "FDIRHKEY"),
    row(0x0f000, 64, 0, RW, "PFVML2FLT"),
    row(0x0f100, 64, 0, RW, "PFVLVF"),
    row(0x0f200, 128, 0, RW, "PFVLVFB"),
    row(0x0f400, 128, 0, RW, "PFUTA"),
    row(0x0f600, 4, 0, RW, "PFMRCTL"),
    row(0x1001c, 1, 0, RW, "FLA"),
    // CFG_DONE of both ports.
    row(0x10110, 1, 0x000c_0000, RO, "EEMNGCTL"),
    row(0x10148, 1, FWSM_HOST_INTERFACE, RO, "FWSM"),
    row(0x10150, 1, 0, RO, "FACTPS"),
    row(0x10160, 1, 0, RW, "SW_FW_SYNC"),
    row(0x10200, 1, 0, RW, "GRC"),
    row(0x11000, 1, 0, RW, "GCR"),
    row(0x11050, 1, 0, RW, "GCR_EXT"),
    row(0x11070, 1, 0, RO, "DCA_ID"),
    row(0x11074, 1, 1, RW, "DCA_CTRL"),
    row(0x11088, 2, 0, RW, "CIAA"),
    row(0x110b0, 1, 0, RW, "PICAUSE"),
    row(0x110b8, 1, 0, RW, "PIENA"),
    row(0x110f0, 2, 0, RW, "MISC_REG"),
    row(0x14f00, 1, 0, 0x0000_ffff, "CORECTL"),
];

/// Where each row's registers begin in the state.
const START: [u32; ROWS.len() + 1] = {
    let mut start = [0; ROWS.len() + 1];
    let mut i = 0;
    while i < ROWS.len() {
        start[i + 1] = start[i] + ROWS[i].count;
        i += 1;
    }
    start
};

/// The values of the table's registers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlainRegisters(Vec<u32>);

impl PlainRegisters {
    /// Every register as reset leaves it.
    pub fn new() -> PlainRegisters {
        let values = |r: &Row| std::iter::repeat_n(r.reset, r.count as usize);
        PlainRegisters(ROWS.iter().flat_map(values).collect())
    }

    /// The register at `offset`; 0 where the table has none.
    pub fn get(&self, offset: u32) -> u32 {
        find(offset).and_then(|(_, at)| self.0.get(at)).copied().unwrap_or(0)
    }

    /// `count` registers from `offset`, in place.
    pub fn slice(&self, offset: u32, count: usize) -> &[u32] {
        find(offset).and_then(|(_, at)| self.0.get(at..at + count)).unwrap_or(&[])
    }

    /// Software's write, under the mask.
    pub fn write(&mut self, offset: u32, value: u32) {
        if let Some((row, at)) = find(offset)
            && let Some(register) = self.0.get_mut(at)
        {
            *register = *register & !row.writable | value & row.writable;
        }
    }

    /// The device's own write.
    pub fn set(&mut self, offset: u32, value: u32) {
        if let Some(register) = find(offset).and_then(|(_, at)| self.0.get_mut(at)) {
            *register = value;
        }
    }

    /// Names and values of the registers that differ from reset, or stand alone.
    pub fn named(&self) -> impl Iterator<Item = (String, u32)> + '_ {
        ROWS.iter().zip(START).flat_map(move |(row, start)| {
            (0..row.count).filter_map(move |i| {
                let value = *self.0.get((start + i) as usize)?;
                match row.count {
                    1 => Some((row.name.to_string(), value)),
                    _ if value != row.reset => Some((format!("{}[{i}]", row.name), value)),
                    _ => None,
                }
            })
        })
    }
}

fn find(offset: u32) -> Option<(&'static Row, usize)> {
    let i = ROWS.partition_point(|r| r.offset <= offset).checked_sub(1)?;
    let (row, start) = (ROWS.get(i)?, START.get(i)?);
    let n = (offset - row.offset) / 4;
    (n < row.count && offset.is_multiple_of(4)).then_some((row, (start + n) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_nothing_overlaps() {
        for pair in ROWS.windows(2) {
            assert!(pair[0].offset + 4 * pair[0].count <= pair[1].offset, "{}", pair[1].name);
        }
    }

    #[test]
    fn read_only_bits_stay_and_unknown_offsets_read_as_zero() {
        let mut r = PlainRegisters::new();
        r.write(0x2f00, 0);
        assert_eq!(r.get(0x2f00), 0x8, "DMAIDONE stays");
        r.write(0x5204, 7);
        assert_eq!(r.slice(0x5200, 2), [0, 7]);
        r.write(0x5202, 9);
        assert_eq!(r.get(0xffff_fffc), 0);
    }
}
