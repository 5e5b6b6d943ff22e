//! The host's own image as a canary: its read-only segments are in memory as in its file, or
//! something wrote where nothing may.

/// One read-only segment: where it is loaded, and what the file says is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Physical address.
    pub address: u64,
    /// Its bytes in the file.
    pub bytes: &'a [u8],
}

const PT_LOAD: u32 = 1;
const PF_W: u32 = 2;

/// The loadable segments of an ELF64 image that are not writable (ELF-64, "Program header").
/// A damaged header yields none; loading it has been refused before.
pub fn read_only_segments(image: &[u8]) -> Vec<Segment<'_>> {
    segments(image, |flags| flags & PF_W == 0)
}

/// Every loadable segment of an ELF64 image: what it is apart from symbols and what only a debugger reads.
pub fn loaded_segments(image: &[u8]) -> Vec<Segment<'_>> {
    segments(image, |_| true)
}

fn segments(image: &[u8], wanted: impl Fn(u32) -> bool) -> Vec<Segment<'_>> {
    let (Some(table), Some(size), Some(count)) = (u64_at(image, 32), u16_at(image, 54), u16_at(image, 56))
    else {
        return Vec::new();
    };
    let header = |i: u16| u64::from(i).checked_mul(size.into())?.checked_add(table);
    (0..count).filter_map(|i| segment(image, header(i)?, &wanted)).collect()
}

fn segment(image: &[u8], header: u64, wanted: impl Fn(u32) -> bool) -> Option<Segment<'_>> {
    let header = image.get(usize::try_from(header).ok()?..)?;
    if u32_at(header, 0)? != PT_LOAD || !wanted(u32_at(header, 4)?) {
        return None;
    }
    let start = usize::try_from(u64_at(header, 8)?).ok()?;
    let length = usize::try_from(u64_at(header, 32)?).ok()?;
    let bytes = image.get(start..start.checked_add(length)?)?;
    Some(Segment { address: u64_at(header, 24)?, bytes })
}

/// How many bytes of the segments differ in memory; `read` fills a buffer from an address.
/// A segment that cannot be read counts whole.
pub fn bytes_changed(segments: &[Segment<'_>], read: impl Fn(u64, &mut [u8]) -> bool) -> u64 {
    let changed = |s: &Segment<'_>| {
        let mut now = vec![0; s.bytes.len()];
        if !read(s.address, &mut now) {
            return s.bytes.len();
        }
        now.iter().zip(s.bytes).filter(|(a, b)| a != b).count()
    };
    segments.iter().map(changed).sum::<usize>() as u64
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image with one segment of `flags` at `address`, holding `data`.
    fn image(flags: u32, address: u64, data: &[u8]) -> Vec<u8> {
        let mut elf = vec![0; 64 + 56];
        elf[32..40].copy_from_slice(&64u64.to_le_bytes());
        elf[54..56].copy_from_slice(&56u16.to_le_bytes());
        elf[56..58].copy_from_slice(&1u16.to_le_bytes());
        elf[64..68].copy_from_slice(&PT_LOAD.to_le_bytes());
        elf[68..72].copy_from_slice(&flags.to_le_bytes());
        elf[72..80].copy_from_slice(&120u64.to_le_bytes());
        elf[88..96].copy_from_slice(&address.to_le_bytes());
        elf[96..104].copy_from_slice(&(data.len() as u64).to_le_bytes());
        elf.extend_from_slice(data);
        elf
    }

    #[test]
    fn a_read_only_segment_is_a_canary_and_a_writable_one_is_not() {
        let text = image(5, 0x20_0000, b"code");
        assert_eq!(read_only_segments(&text), [Segment { address: 0x20_0000, bytes: b"code" }]);
        assert_eq!(read_only_segments(&image(6, 0x20_0000, b"data")), []);
    }

    #[test]
    fn a_truncated_image_has_no_segments_and_no_panic() {
        let text = image(5, 0x20_0000, b"code");
        for length in 0..text.len() {
            assert_eq!(read_only_segments(&text[..length]), [], "{length}");
        }
    }

    #[test]
    fn changed_bytes_are_counted() {
        let segments = [Segment { address: 0, bytes: b"code" }];
        let memory = |bytes: &'static [u8]| {
            move |_: u64, out: &mut [u8]| {
                out.copy_from_slice(bytes);
                true
            }
        };
        assert_eq!(bytes_changed(&segments, memory(b"code")), 0);
        assert_eq!(bytes_changed(&segments, memory(b"cOdE")), 2);
        assert_eq!(bytes_changed(&segments, |_, _| false), 4);
    }
}
