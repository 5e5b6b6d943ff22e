//! The least image that boots.

/// The least ELF64 file that is loaded at `at`, and entered there.
pub fn elf(at: u64, code: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; 120];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    (file[16], file[18], file[32], file[54], file[56], file[64], file[68]) = (2, 62, 64, 56, 1, 1, 7);
    let length = code.len() as u64;
    for (place, value) in [(24, at), (72, 120), (88, at), (96, length), (104, length)] {
        file[place..place + 8].copy_from_slice(&value.to_le_bytes());
    }
    file.extend_from_slice(code);
    file
}
