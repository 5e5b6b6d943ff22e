//! ELF executables of 64 and of 32 bits (System V ABI, chapter 4 and 5), checked at the door.

use std::fmt;

/// What is wrong with an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElfError {
    /// The file ends before something that its headers promise.
    Truncated {
        /// What was to be read.
        what: &'static str,
        /// Where it should end.
        end: u64,
        /// How long the file is.
        len: u64,
    },
    /// A header field holds what this loader cannot take.
    Field {
        /// Which field.
        what: &'static str,
        /// What it holds.
        found: u64,
        /// What it should hold.
        expected: &'static str,
    },
    /// No segment is to be loaded.
    Empty,
}

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ElfError::Truncated { what, end, len } => {
                write!(f, "{what} ends at byte {end}, but the file has {len} bytes: it is truncated")
            }
            ElfError::Field { what, found, expected } => {
                write!(f, "{what} is {found:#x}; expected {expected}")
            }
            ElfError::Empty => f.write_str("no PT_LOAD segment with contents: nothing to load"),
        }
    }
}

impl std::error::Error for ElfError {}

/// A segment to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Physical address.
    pub address: u64,
    /// Virtual address.
    pub linear: u64,
    /// Bytes from the file.
    pub data: &'a [u8],
    /// Bytes in memory; those beyond `data` are zero.
    pub size: u64,
    /// Whether the segment is writable (PF_W).
    pub writable: bool,
}

/// A parsed image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf<'a> {
    /// Where execution starts.
    pub entry: u64,
    /// 32-bit code for an 80386 or later, not for x86-64.
    pub is_32: bool,
    /// What to load.
    pub segments: Vec<Segment<'a>>,
}

const PT_LOAD: u64 = 1;
const EM_386: u64 = 3;
const EM_X86_64: u64 = 62;

/// Where the fields are: ELF64, and ELF32 (System V ABI, figures 4-3 and 5-1).
struct Layout {
    /// Bytes of an address.
    word: u64,
    phoff: u64,
    phentsize: u64,
    phnum: u64,
    /// Bytes of a program header.
    header: u64,
    flags: u64,
    offset: u64,
    vaddr: u64,
    paddr: u64,
    filesz: u64,
    memsz: u64,
}

const LAYOUT_64: Layout = Layout {
    word: 8,
    phoff: 32,
    phentsize: 54,
    phnum: 56,
    header: 56,
    flags: 4,
    offset: 8,
    vaddr: 16,
    paddr: 24,
    filesz: 32,
    memsz: 40,
};
const LAYOUT_32: Layout = Layout {
    word: 4,
    phoff: 28,
    phentsize: 42,
    phnum: 44,
    header: 32,
    flags: 24,
    offset: 4,
    vaddr: 8,
    paddr: 12,
    filesz: 16,
    memsz: 20,
};
const ET_EXEC: u64 = 2;

fn field(data: &[u8], at: u64, size: u64, what: &'static str) -> Result<u64, ElfError> {
    let bytes = slice(data, at, size, what)?;
    Ok(bytes.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b)))
}

fn slice<'a>(data: &'a [u8], at: u64, size: u64, what: &'static str) -> Result<&'a [u8], ElfError> {
    let end = at.saturating_add(size);
    let len = data.len() as u64;
    if end > len {
        return Err(ElfError::Truncated { what, end, len });
    }
    Ok(&data[at as usize..end as usize])
}

fn expect(what: &'static str, found: u64, wanted: u64, expected: &'static str) -> Result<(), ElfError> {
    if found == wanted { Ok(()) } else { Err(ElfError::Field { what, found, expected }) }
}

impl<'a> Elf<'a> {
    /// Parses an image.
    pub fn parse(data: &'a [u8]) -> Result<Elf<'a>, ElfError> {
        let magic = field(data, 0, 4, "the ELF magic")?;
        expect("the file's magic", magic, 0x464c_457f, "0x464c457f (\\x7fELF)")?;
        let (is_32, layout) = match field(data, 4, 1, "EI_CLASS")? {
            1 => (true, &LAYOUT_32),
            2 => (false, &LAYOUT_64),
            found => {
                let (what, expected) = ("EI_CLASS", "1 (32-bit) or 2 (64-bit)");
                return Err(ElfError::Field { what, found, expected });
            }
        };
        expect("EI_DATA", field(data, 5, 1, "EI_DATA")?, 1, "1 (little-endian)")?;
        expect("e_type", field(data, 16, 2, "e_type")?, ET_EXEC, "2 (ET_EXEC, statically linked)")?;
        let machine = field(data, 18, 2, "e_machine")?;
        match is_32 {
            true => expect("e_machine", machine, EM_386, "3 (80386) in a 32-bit file")?,
            false => expect("e_machine", machine, EM_X86_64, "62 (x86-64)")?,
        }
        let entry = field(data, 24, layout.word, "e_entry")?;
        let table = field(data, layout.phoff, layout.word, "e_phoff")?;
        let size = field(data, layout.phentsize, 2, "e_phentsize")?;
        expect("e_phentsize", size, layout.header, "56, or 32 in a 32-bit file")?;
        let count = field(data, layout.phnum, 2, "e_phnum")?;
        let mut segments = Vec::new();
        for i in 0..count {
            segments.extend(program_header(data, table.saturating_add(i * size), layout)?);
        }
        if segments.is_empty() {
            return Err(ElfError::Empty);
        }
        Ok(Elf { entry, is_32, segments })
    }

    /// Where the entry is in physical memory: for loaders that enter without paging.
    pub fn physical_entry(&self) -> u64 {
        let inside = |s: &&Segment<'_>| self.entry >= s.linear && self.entry - s.linear < s.size;
        let segment = self.segments.iter().find(inside);
        // A segment at an address that cannot be is refused when it is placed.
        segment.map_or(self.entry, |s| (self.entry - s.linear).wrapping_add(s.address))
    }
}

fn program_header<'a>(data: &'a [u8], at: u64, layout: &Layout) -> Result<Option<Segment<'a>>, ElfError> {
    slice(data, at, layout.header, "a program header")?;
    let word = |offset: u64, size: u64| field(data, at + offset, size, "a program header");
    let address = |offset: u64| word(offset, layout.word);
    let memory = address(layout.memsz)?;
    if word(0, 4)? != PT_LOAD || memory == 0 {
        return Ok(None);
    }
    let in_file = address(layout.filesz)?;
    if in_file > memory {
        let (what, expected) = ("p_filesz", "at most p_memsz");
        return Err(ElfError::Field { what, found: in_file, expected });
    }
    let contents = slice(data, address(layout.offset)?, in_file, "a segment")?;
    Ok(Some(Segment {
        address: address(layout.paddr)?,
        linear: address(layout.vaddr)?,
        data: contents,
        size: memory,
        writable: word(layout.flags, 4)? & 2 != 0,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimal() -> Vec<u8> {
        let mut f = vec![0u8; 64 + 56 + 4];
        f[..6].copy_from_slice(b"\x7fELF\x02\x01");
        f[16] = 2;
        f[18] = 62;
        f[24..32].copy_from_slice(&0x20_0000u64.to_le_bytes());
        f[32] = 64;
        f[54] = 56;
        f[56] = 1;
        let ph = 64;
        f[ph] = 1;
        f[ph + 8] = 120;
        f[ph + 24..ph + 32].copy_from_slice(&0x20_0000u64.to_le_bytes());
        f[ph + 32] = 4;
        f[ph + 40] = 8;
        f
    }

    #[test]
    fn a_small_image_has_one_segment() {
        let image = minimal();
        let elf = Elf::parse(&image).expect("valid");
        assert_eq!(elf.entry, 0x20_0000);
        assert_eq!(elf.segments.len(), 1);
        assert_eq!((elf.segments[0].data.len(), elf.segments[0].size), (4, 8));
    }

    #[test]
    fn every_truncation_is_refused_without_a_panic() {
        let image = minimal();
        for len in 0..image.len() {
            assert!(Elf::parse(&image[..len]).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn wrong_fields_are_named() {
        for (at, value, name) in [
            (0, 0, "magic"),
            (4, 3, "EI_CLASS"),
            (4, 1, "e_machine"),
            (16, 3, "e_type"),
            (18, 3, "e_machine"),
        ] {
            let mut image = minimal();
            image[at] = value;
            let error = Elf::parse(&image).expect_err(name).to_string();
            assert!(error.contains(name), "{error}");
        }
    }
}
