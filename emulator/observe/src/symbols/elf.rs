//! The symbol table of an ELF64 image (System V ABI, chapter 4), every offset checked.

use super::Symbol;

const SHT_SYMTAB: u32 = 2;
const SECTION: usize = 64;
const ENTRY: usize = 24;
const STT_OBJECT: u8 = 1;
const STT_FUNC: u8 = 2;

fn slice(data: &[u8], at: u64, size: u64) -> Option<&[u8]> {
    let start = usize::try_from(at).ok()?;
    data.get(start..start.checked_add(usize::try_from(size).ok()?)?)
}

fn word(data: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = data.get(at..at.checked_add(size)?)?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

fn text(strings: &[u8], at: u64) -> Option<&str> {
    let rest = strings.get(usize::try_from(at).ok()?..)?;
    std::str::from_utf8(rest.split(|byte| *byte == 0).next()?).ok()
}

/// Functions, objects and labels with a name and an address; none where the image has no table.
pub(super) fn symbols(image: &[u8]) -> Vec<Symbol> {
    table(image).unwrap_or_default()
}

fn table(image: &[u8]) -> Option<Vec<Symbol>> {
    if image.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let headers = slice(image, word(image, 40, 8)?, word(image, 60, 2)?.checked_mul(SECTION as u64)?)?;
    let read = |header: &[u8]| {
        let contents = slice(image, word(header, 24, 8)?, word(header, 32, 8)?)?;
        let (kind, link) = (word(header, 4, 4)? as u32, word(header, 40, 4)? as usize);
        Some((kind, link, contents))
    };
    let found = headers.chunks_exact(SECTION).filter_map(read).find(|(kind, ..)| *kind == SHT_SYMTAB);
    let (_, link, entries) = found?;
    let (_, _, strings) = read(headers.chunks_exact(SECTION).nth(link)?)?;
    Some(entries.chunks_exact(ENTRY).filter_map(|entry| symbol(entry, strings)).collect())
}

fn symbol(entry: &[u8], strings: &[u8]) -> Option<Symbol> {
    let kind = (word(entry, 4, 1)? & 15) as u8;
    let (section, address, size) = (word(entry, 6, 2)?, word(entry, 8, 8)?, word(entry, 16, 8)?);
    let name = text(strings, word(entry, 0, 4)?)?;
    let wanted =
        matches!(kind, 0 | STT_OBJECT | STT_FUNC) && section != 0 && address != 0 && !name.is_empty();
    let name = readable(name);
    wanted.then_some(Symbol { address, size, code: kind != STT_OBJECT, name })
}

/// The name as its language has it.
#[cfg(feature = "demangle")]
fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The name as it is: the image's names are readable already.
#[cfg(not(feature = "demangle"))]
fn readable(name: &str) -> String {
    name.to_string()
}
