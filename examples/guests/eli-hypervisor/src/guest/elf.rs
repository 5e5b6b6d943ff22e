//! ELF64 images: the program header table, and nothing else. System V ABI, chapter 5.

/// e_ident: magic, 64-bit, little-endian.
const IDENT: &[u8] = b"\x7fELF\x02\x01";
/// e_machine: x86-64.
const MACHINE_X86_64: u16 = 62;
/// p_type: a segment to load.
const PT_LOAD: u32 = 1;

/// A segment to load.
pub struct Segment<'a> {
    /// Its physical address.
    pub address: u64,
    /// Its bytes in the file.
    pub bytes: &'a [u8],
    /// Its size in memory; what the file does not fill is zero.
    pub size: u64,
}

/// An ELF64 image for x86-64.
pub struct Elf<'a>(&'a [u8]);

impl<'a> Elf<'a> {
    /// Checks the header.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let elf = Self(bytes);
        (bytes.starts_with(IDENT) && elf.read::<2>(18).map(u16::from_le_bytes)? == MACHINE_X86_64)
            .then_some(elf)
    }

    /// e_entry.
    pub fn entry(&self) -> Option<u64> {
        self.read(24).map(u64::from_le_bytes)
    }

    /// The segments to load; `None` for one that the file does not hold.
    pub fn segments(&self) -> Option<impl Iterator<Item = Option<Segment<'a>>>> {
        let first = u64::from_le_bytes(self.read(32)?);
        let size = u16::from_le_bytes(self.read(54)?) as u64;
        let count = u16::from_le_bytes(self.read(56)?) as u64;
        let this = Self(self.0);
        let headers = (0..count).map(move |index| first.saturating_add(index * size));
        Some(headers.filter_map(move |header| match this.read(header).map(u32::from_le_bytes) {
            Some(PT_LOAD) => Some(this.segment(header)),
            Some(_) => None,
            None => Some(None),
        }))
    }

    fn segment(&self, header: u64) -> Option<Segment<'a>> {
        let word = |offset| self.read(header + offset).map(u64::from_le_bytes);
        let (start, address, in_file, size) = (word(8)?, word(24)?, word(32)?, word(40)?);
        let end = start.checked_add(in_file)?;
        let bytes = self.0.get(start as usize..end as usize)?;
        (in_file <= size).then_some(Segment { address, bytes, size })
    }

    fn read<const N: usize>(&self, offset: u64) -> Option<[u8; N]> {
        self.0.get(offset as usize..)?.first_chunk().copied()
    }
}
