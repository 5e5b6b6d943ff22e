//! Just enough AML to write a DSDT (ACPI 20.2).

/// PkgLength, 20.2.4: counts itself; up to 63 in one byte, up to 4095 in two, up to 1 Mi in three.
fn with_length(prefix: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = prefix.to_vec();
    match body.len() {
        n if n + 1 < 0x40 => out.push((n + 1) as u8),
        n if n + 2 < 0x1000 => out.extend([0x40 | (n + 2) as u8 & 0xf, ((n + 2) >> 4) as u8]),
        n => out.extend([0x80 | (n + 3) as u8 & 0xf, ((n + 3) >> 4) as u8, ((n + 3) >> 12) as u8]),
    }
    out.extend_from_slice(body);
    out
}

/// ByteConst, WordConst or DWordConst; ZeroOp and OneOp for 0 and 1.
pub fn integer(value: u32) -> Vec<u8> {
    match value {
        0 | 1 => vec![value as u8],
        2..=0xff => vec![0x0a, value as u8],
        0x100..=0xffff => [&[0x0b][..], &(value as u16).to_le_bytes()].concat(),
        _ => [&[0x0c][..], &value.to_le_bytes()].concat(),
    }
}

/// DefName; `name` is a NameSeg or `\` and a NameSeg.
pub fn name(name: &str, value: &[u8]) -> Vec<u8> {
    [&[0x08][..], name.as_bytes(), value].concat()
}

/// DefPackage of integers.
pub fn package(values: &[u32]) -> Vec<u8> {
    let mut body = vec![values.len() as u8];
    body.extend(values.iter().flat_map(|v| integer(*v)));
    with_length(&[0x12], &body)
}

/// DefBuffer.
pub fn buffer(bytes: &[u8]) -> Vec<u8> {
    with_length(&[0x11], &[&integer(bytes.len() as u32)[..], bytes].concat())
}

/// DefScope.
pub fn scope(name: &str, body: &[u8]) -> Vec<u8> {
    with_length(&[0x10], &[name.as_bytes(), body].concat())
}

/// DefDevice.
pub fn device(name: &str, body: &[u8]) -> Vec<u8> {
    with_length(&[0x5b, 0x82], &[name.as_bytes(), body].concat())
}

/// EISAID("PNPxxxx"): three 5-bit letters and four hexadecimal digits, big-endian.
pub fn pnp_id(digits: u16) -> Vec<u8> {
    let letters = b"PNP".iter().fold(0u32, |id, letter| id << 5 | u32::from(letter & 0x1f));
    integer((letters << 16 | u32::from(digits)).swap_bytes())
}

/// A resource template: the descriptors and an end tag without checksum (ACPI 6.4.2.9).
pub fn resources(descriptors: &[Vec<u8>]) -> Vec<u8> {
    buffer(&[&descriptors.concat()[..], &[0x79, 0]].concat())
}

/// Fixed-location or relocatable I/O port range, decoding 16 bits (ACPI 6.4.2.5).
pub fn io(base: u16, length: u8) -> Vec<u8> {
    let b = base.to_le_bytes();
    vec![0x47, 1, b[0], b[1], b[0], b[1], 1, length]
}

/// IRQ of a device, edge-triggered and active high (ACPI 6.4.2.1).
pub fn irq(number: u8) -> Vec<u8> {
    let mask = (1u16 << (number & 15)).to_le_bytes();
    vec![0x22, mask[0], mask[1]]
}

/// A fixed 32-bit memory range (ACPI 6.4.3.4).
pub fn memory32(base: u32, length: u32) -> Vec<u8> {
    [&[0x86, 9, 0, 1][..], &base.to_le_bytes(), &length.to_le_bytes()].concat()
}

/// Bus numbers or I/O ports that a bridge produces (word address space, ACPI 6.4.3.5.3).
pub fn word_space(kind: u8, flags: u8, first: u16, last: u16) -> Vec<u8> {
    let length = last.wrapping_sub(first).wrapping_add(1);
    let fields = [0, first, last, 0, length].map(u16::to_le_bytes).concat();
    [&[0x88, 13, 0, kind, 0x0c, flags][..], &fields].concat()
}

/// Memory that a bridge produces, read-write and uncached (dword address space, ACPI 6.4.3.5.2).
pub fn dword_memory(first: u32, last: u32) -> Vec<u8> {
    let length = last.wrapping_sub(first).wrapping_add(1);
    let fields = [0, first, last, 0, length].map(u32::to_le_bytes).concat();
    [&[0x87, 23, 0, 0, 0x0c, 1][..], &fields].concat()
}
