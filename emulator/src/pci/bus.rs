//! Finding a function: by CONFIG_ADDRESS, by ECAM, by what its BARs claim.

use super::ConfigSpace;
use super::functions::{HOST_BRIDGE, LPC_BRIDGE, host_bridge, lpc_bridge};
use super::spec::*;
use crate::state::Node;
use crate::state::SortedMap;

/// Bus, device and function: also the source-id of the function's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bdf(pub u16);

impl Bdf {
    /// Bus (8 bits), device (5 bits), function (3 bits).
    pub const fn new(bus: u8, device: u8, function: u8) -> Bdf {
        Bdf((bus as u16) << 8 | (device as u16 & 31) << 3 | function as u16 & 7)
    }
}

/// One range that a function answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Which base address register claims it.
    pub bar: u8,
    /// I/O ports rather than memory.
    pub io: bool,
    /// The first address.
    pub base: u64,
    /// The size in bytes.
    pub size: u64,
}

/// Everything one function answers to; it changes when BARs or the command register do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Claims(pub Vec<Claim>);

impl Claims {
    fn find(&self, address: u64, io: bool) -> Option<(u8, u64)> {
        let hit = |c: &&Claim| c.io == io && address.wrapping_sub(c.base) < c.size;
        self.0.iter().find(hit).map(|c| (c.bar, address - c.base))
    }
}

/// Who answers for a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Function {
    /// The bus itself holds its space.
    Here(ConfigSpace),
    /// A device holds its space and has told what it claims.
    Device(Claims),
}

/// The functions by address, and CONFIG_ADDRESS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PciBus {
    functions: SortedMap<Bdf, Function>,
    config_address: u32,
}

impl Default for PciBus {
    fn default() -> Self {
        PciBus::new()
    }
}

/// The function and register that an offset into the ECAM window names (PCIe 7.2.2).
pub fn ecam_target(offset: u64) -> (Bdf, u16) {
    (Bdf((offset >> 12) as u16), (offset & 0xfff) as u16)
}

impl PciBus {
    /// A bus with the host bridge and the LPC bridge.
    pub fn new() -> PciBus {
        let functions = SortedMap::from_iter([
            (HOST_BRIDGE, Function::Here(host_bridge())),
            (LPC_BRIDGE, Function::Here(lpc_bridge())),
        ]);
        PciBus { functions, config_address: 0 }
    }

    /// Says that a device answers for `bdf`, and what it claims now. To be repeated after every
    /// write of the device's configuration space and after its reset.
    pub fn claim(&mut self, bdf: Bdf, claims: Claims) {
        self.functions.insert(bdf, Function::Device(claims));
    }

    /// Whether the configuration space of `bdf` is a device's to read and write.
    pub fn is_device(&self, bdf: Bdf) -> bool {
        matches!(self.functions.get(&bdf), Some(Function::Device(_)))
    }

    /// Reads a register of a function that the bus holds; absent functions read as ones (PCI 6.1).
    pub fn config_read(&self, bdf: Bdf, offset: u16, size: u8) -> u32 {
        match self.functions.get(&bdf) {
            Some(Function::Here(space)) => space.read(offset, size),
            _ => ones(size),
        }
    }

    /// Writes a register of a function that the bus holds; others ignore it.
    pub fn config_write(&mut self, bdf: Bdf, offset: u16, size: u8, value: u32) {
        if let Some(Function::Here(space)) = self.functions.get_mut(&bdf) {
            space.write(offset, size, value);
        }
    }

    /// The function and register behind an access of `port` in CFC to CFF; `None` while
    /// CONFIG_ADDRESS does not enable it.
    pub fn port_target(&self, port: u16) -> Option<(Bdf, u16)> {
        let lane = port.checked_sub(PORT_CONFIG_DATA).filter(|lane| *lane < 4)?;
        if self.config_address & CONFIG_ADDRESS_ENABLE == 0 {
            return None;
        }
        let register = (self.config_address & 0xfc) as u16 + lane;
        Some((Bdf((self.config_address >> 8) as u16), register))
    }

    /// Reads CONFIG_ADDRESS. Only a 32-bit access at CF8 is one (PCI 3.2.2.3.2).
    pub fn read_address(&self, port: u16, size: u8) -> Option<u32> {
        (port == PORT_CONFIG_ADDRESS && size == 4).then_some(self.config_address)
    }

    /// Writes CONFIG_ADDRESS; false when the access is not one of it and belongs to somebody else.
    pub fn write_address(&mut self, port: u16, size: u8, value: u32) -> bool {
        if port != PORT_CONFIG_ADDRESS || size != 4 {
            return false;
        }
        self.config_address = value & 0x80ff_fffc;
        true
    }

    /// The device, BAR and offset that claim the memory address. RAM and the platform's own ranges
    /// come first: a BAR that software has put over them, or is sizing, claims what it says.
    pub fn decode_memory(&self, address: u64) -> Option<(Bdf, u8, u64)> {
        self.decode(address, false)
    }

    /// The device, BAR and offset that claim the I/O port.
    pub fn decode_io(&self, port: u16) -> Option<(Bdf, u8, u64)> {
        self.decode(port.into(), true)
    }

    fn decode(&self, address: u64, io: bool) -> Option<(Bdf, u8, u64)> {
        self.functions.iter().find_map(|(bdf, function)| {
            let Function::Device(claims) = function else { return None };
            claims.find(address, io).map(|(bar, offset)| (*bdf, bar, offset))
        })
    }

    /// CONFIG_ADDRESS, the functions held here, and the devices' claims.
    pub fn inspect(&self) -> Node {
        let mut children = vec![Node::value("CONFIG_ADDRESS", self.config_address.into(), 32)];
        for (bdf, function) in self.functions.iter() {
            let name = format!("{:02x}:{:02x}.{}", bdf.0 >> 8, bdf.0 >> 3 & 31, bdf.0 & 7);
            let inner = match function {
                Function::Here(space) => vec![space.inspect()],
                Function::Device(claims) => claims.0.iter().map(inspect_claim).collect(),
            };
            children.push(Node::group(name, inner));
        }
        Node::group("PCI", children)
    }
}

fn inspect_claim(claim: &Claim) -> Node {
    let fields = vec![Node::value("base", claim.base, 64), Node::value("size", claim.size, 64)];
    Node::group(format!("BAR{}", claim.bar), fields)
}

/// What an access that nobody answers reads.
fn ones(size: u8) -> u32 {
    u32::MAX >> (32 - 8 * u32::from(size.clamp(1, 4)))
}

#[cfg(test)]
mod tests {
    use super::super::NIC;
    use super::*;

    #[test]
    fn config_address_latches_and_every_byte_lane_reads() {
        let mut bus = PciBus::new();
        assert_eq!(bus.port_target(0xcfc), None, "not enabled");
        assert!(bus.write_address(0xcf8, 4, 0x8000_f803));
        assert_eq!(bus.read_address(0xcf8, 4), Some(0x8000_f800));
        assert_eq!(bus.port_target(0xcfe), Some((LPC_BRIDGE, 2)));
        assert_eq!(bus.config_read(LPC_BRIDGE, 2, 2), 0x2918);
        assert_eq!(bus.config_read(HOST_BRIDGE, 0, 4), 0x29c0_8086);
        assert!(!bus.write_address(0xcf9, 1, 6), "the reset register is somebody else's");
    }

    #[test]
    fn an_absent_function_reads_as_ones() {
        let bus = PciBus::new();
        let (bdf, register) = ecam_target(0x0011_9000);
        assert_eq!((bdf, register), (Bdf::new(1, 3, 1), 0));
        assert_eq!(bus.config_read(bdf, 0, 4), 0xffff_ffff);
        assert_eq!(bus.config_read(bdf, 0, 2), 0xffff);
        assert_eq!(bus.config_read(bdf, 0, 1), 0xff);
    }

    #[test]
    fn a_claim_is_decoded_until_it_changes() {
        let mut bus = PciBus::new();
        let claim = |base| Claims(vec![Claim { bar: 0, io: false, base, size: 0x8_0000 }]);
        bus.claim(NIC, claim(0xe000_0000));
        assert_eq!(bus.decode_memory(0xe000_3818), Some((NIC, 0, 0x3818)));
        assert_eq!(bus.decode_memory(0xe008_0000), None);
        bus.claim(NIC, claim(0xf000_0000));
        assert_eq!(bus.decode_memory(0xe000_3818), None);
        assert_eq!(bus.decode_io(0), None);
    }
}
