//! Files that go with a kernel: `--module "FILE ARGS"`.

use std::process::Command;

/// A multiboot 1 kernel of one flat piece at 1 MiB (Multiboot Specification 0.6.96, 3.1).
fn kernel() -> Vec<u8> {
    const BASE: u32 = 0x10_0000;
    const MAGIC: u32 = 0x1bad_b002;
    /// The addresses below are valid.
    const FLAGS: u32 = 1 << 16;
    const HEADER: u32 = 32;
    // What it does: writes the second module's string, a colon, its bytes and the number of modules to COM1, and ends.
    let code: &[u8] = &[
        0x8b, 0x73, 0x18, // mov esi, [ebx + 24]: the list
        0x83, 0xc6, 0x10, // add esi, 16: its second entry
        0x8b, 0x3e, // mov edi, [esi]: from
        0x8b, 0x4e, 0x04, // mov ecx, [esi + 4]: to
        0x29, 0xf9, // sub ecx, edi
        0x8b, 0x76, 0x08, // mov esi, [esi + 8]: the string
        0x66, 0xba, 0xf8, 0x03, // mov dx, 3f8h
        0xac, // next: lodsb
        0x84, 0xc0, // test al, al
        0x74, 0x03, // jz done
        0xee, // out dx, al
        0xeb, 0xf8, // jmp next
        0xb0, b':', 0xee, // done: the colon
        0x89, 0xfe, // mov esi, edi
        0xf3, 0x6e, // rep outsb
        0x8b, 0x43, 0x14, // mov eax, [ebx + 20]: how many
        0x04, b'0', 0xee, // as a digit
        0xb0, 0x00, 0xe6, 0xf4, // the end, well
    ];
    let end = BASE + HEADER + code.len() as u32;
    let words = [MAGIC, FLAGS, 0u32.wrapping_sub(MAGIC + FLAGS), BASE, BASE, end, end, BASE + HEADER];
    words.iter().flat_map(|word| word.to_le_bytes()).chain(code.iter().copied()).collect()
}

#[test]
fn a_multiboot_kernel_gets_its_modules_with_their_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("a path").to_string()
    };
    let (kernel, first, second) = (file("kernel", &kernel()), file("one", b"1"), file("two", b"second"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.args(["run", "--kernel", &kernel, "--module", &first]);
    let output = command.args(["--module", &format!("{second} speed=9 quiet")]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("speed=9 quiet:second2"), "{said:?}");
}
