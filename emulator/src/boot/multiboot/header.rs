//! Multiboot headers (Multiboot 3.1, Multiboot2 3.1).

use crate::boot::firmware::LoadError;

const MAGIC_1: u32 = 0x1bad_b002;
const MAGIC_2: u32 = 0xe852_50d6;
/// The header is inside so many bytes of the file.
const SEARCH_1: usize = 8192;
const SEARCH_2: usize = 32768;

/// Flags of version 1.
mod flag {
    /// Modules page-aligned, memory information: both always given. Other bits up to 15 must be understood.
    pub const KNOWN: u32 = 3;
    /// The address fields are valid.
    pub const ADDRESSES: u32 = 1 << 16;
}

/// Tags of version 2.
mod tag {
    pub const END: u16 = 0;
    pub const INFORMATION: u16 = 1;
    pub const ADDRESS: u16 = 2;
    pub const ENTRY: u16 = 3;
    pub const MODULE_ALIGNMENT: u16 = 6;
    pub const RELOCATABLE: u16 = 10;
}

/// Information that a version 2 kernel may require: what [`super::info_2`] gives.
const GIVEN: [u32; 6] = [1, 2, 3, 4, 6, 15];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// Where the file's contents go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    /// Where the header is in the file.
    pub place: u64,
    /// Where the header is loaded.
    pub header: u64,
    pub start: u64,
    /// The end of what is loaded, or 0.
    pub end: u64,
    /// The end of what is zero, or 0.
    pub bss_end: u64,
    pub entry: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub version: Version,
    /// The addresses to load at; without them the file is ELF.
    pub load: Option<Load>,
    /// The entry, if the header has one.
    pub entry: Option<u64>,
}

fn word(image: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(image.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn half(image: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(image.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Where the header is. Version 2 is looked for first.
pub(super) fn find(image: &[u8]) -> Option<(Version, usize)> {
    let sums = |at: usize, words: usize| {
        (0..words).try_fold(0u32, |sum, n| Some(sum.wrapping_add(word(image, at + 4 * n)?))) == Some(0)
    };
    let is = |at: &usize, magic: u32, words: usize| word(image, *at) == Some(magic) && sums(*at, words);
    let two = (0..SEARCH_2.min(image.len())).step_by(8).find(|at| is(at, MAGIC_2, 4));
    let one = || (0..SEARCH_1.min(image.len())).step_by(4).find(|at| is(at, MAGIC_1, 3));
    two.map(|at| (Version::Two, at)).or_else(|| one().map(|at| (Version::One, at)))
}

fn refuse<T>(what: &'static str, found: u64, expected: &'static str) -> Result<T, LoadError> {
    Err(LoadError::Kernel { what, found, expected })
}

fn truncated<T>(image: &[u8]) -> Result<T, LoadError> {
    refuse("the file's length", image.len() as u64, "a whole multiboot header: it is truncated")
}

impl Header {
    pub fn parse(image: &[u8]) -> Result<Header, LoadError> {
        match find(image) {
            Some((Version::One, at)) => parse_1(image, at),
            Some((Version::Two, at)) => parse_2(image, at),
            None => refuse("the multiboot header", 0, "one of version 1 or 2"),
        }
    }
}

fn parse_1(image: &[u8], at: usize) -> Result<Header, LoadError> {
    let flags = word(image, at + 4).unwrap_or(0);
    if flags & 0xffff & !flag::KNOWN != 0 {
        return refuse("multiboot flags", flags.into(), "bits 0 and 1 alone of 15:0: there is no display");
    }
    if flags & flag::ADDRESSES == 0 {
        return Ok(Header { version: Version::One, load: None, entry: None });
    }
    let mut fields = [0; 5];
    for (n, field) in fields.iter_mut().enumerate() {
        let Some(value) = word(image, at + 12 + 4 * n) else { return truncated(image) };
        *field = u64::from(value);
    }
    let [header, start, end, bss_end, entry] = fields;
    let load = Load { place: at as u64, header, start, end, bss_end, entry };
    Ok(Header { version: Version::One, load: Some(load), entry: None })
}

fn parse_2(image: &[u8], at: usize) -> Result<Header, LoadError> {
    let mut header = Header { version: Version::Two, load: None, entry: None };
    let architecture = word(image, at + 4).unwrap_or(0);
    if architecture != 0 {
        return refuse(
            "the multiboot architecture",
            architecture.into(),
            "0 (32-bit protected mode of i386)",
        );
    }
    let end = at + word(image, at + 8).unwrap_or(0) as usize;
    let mut here = at + 16;
    while here < end {
        let tag = (half(image, here), half(image, here + 2), word(image, here + 4));
        let (Some(kind), Some(flags), Some(size)) = tag else { return truncated(image) };
        if kind == tag::END {
            break;
        }
        let Some(body) = image.get(here..).and_then(|rest| rest.get(8..size as usize)) else {
            return truncated(image);
        };
        take_tag(&mut header, at as u64, kind, flags & 1 == 0, body)?;
        here += (size as usize).next_multiple_of(8);
    }
    // The file's own format says where it is entered, and an address tag says that it has none
    // (Multiboot2 3.1.6, 3.1.7).
    if header.load.is_some() && header.entry.is_none() {
        return refuse("the number of entry address tags", 0, "1 (type 3) beside an address tag (type 2)");
    }
    Ok(header)
}

/// Bytes that a tag has at least, behind its type, flags and size.
fn fixed_part(kind: u16) -> usize {
    match kind {
        tag::ADDRESS => 16,
        tag::ENTRY => 4,
        _ => 0,
    }
}

fn take_tag(
    header: &mut Header,
    place: u64,
    kind: u16,
    required: bool,
    body: &[u8],
) -> Result<(), LoadError> {
    let field = |n: usize| word(body, 4 * n).map_or(0, u64::from);
    if body.len() < fixed_part(kind) {
        return refuse("a multiboot tag's size", 8 + body.len() as u64, "24 of type 2, 12 of type 3");
    }
    match kind {
        tag::ADDRESS => {
            let (header_address, start, end, bss_end) = (field(0), field(1), field(2), field(3));
            header.load = Some(Load { place, header: header_address, start, end, bss_end, entry: 0 });
        }
        tag::ENTRY => header.entry = Some(field(0)),
        tag::INFORMATION if required => {
            let asked = body.chunks_exact(4).filter_map(|b| word(b, 0));
            if let Some(missing) = asked.into_iter().find(|t| !GIVEN.contains(t)) {
                return refuse("a required information tag", missing.into(), "1, 2, 3, 4, 6 or 15");
            }
        }
        // Modules are page-aligned, and a relocatable kernel is loaded where it would be without relocation.
        tag::MODULE_ALIGNMENT | tag::RELOCATABLE => {}
        _ if required => return refuse("a required multiboot tag", kind.into(), "1, 2, 3, 6 or 10"),
        _ => {}
    }
    Ok(())
}
