//! What a person gets wrong, and what a guest does wrong: a message that says what was expected, the right exit
//! code, never a panic.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the tiny images are loaded and entered.
const START: u64 = 0x20_0000;

/// The exit codes of DESIGN.md's command line.
const FAILED: i32 = 1;
const USAGE: i32 = 2;
const TIMED_OUT: i32 = 42;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Holds `exitless ARGUMENTS` to its exit code and to every part of what it must say.
fn refused(arguments: &[&str], code: i32, says: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    let output = command.current_dir(root()).args(arguments).output().expect("exitless starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
    for part in says {
        assert!(errors.contains(part), "{arguments:?}: expected `{part}` in: {errors}");
    }
    assert!(!errors.contains("panicked"), "{errors}");
}

/// An ELF64 image of one segment; `change` makes it wrong.
fn image(code: &[u8], change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut file = vec![0; 120];
    file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    (file[16], file[18], file[20], file[32], file[54], file[56], file[64], file[72]) =
        (2, 62, 1, 64, 56, 1, 1, 120);
    for at in [24, 80, 88] {
        file[at..at + 8].copy_from_slice(&START.to_le_bytes());
    }
    for at in [96, 104] {
        file[at..at + 8].copy_from_slice(&(code.len() as u64).to_le_bytes());
    }
    file.extend_from_slice(code);
    change(&mut file);
    file
}

/// Writes `bytes` where the command line can read them.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Scratch {
        Scratch(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("a path").to_string()
    }
}

/// Overwrites a little-endian field of the file.
fn set(at: usize, value: u64) -> impl Fn(&mut Vec<u8>) {
    move |file| file[at..at + 8].copy_from_slice(&value.to_le_bytes())
}

/// `hlt`: what a hostile header stands around.
const HLT: [u8; 1] = [0xf4];

#[test]
fn an_image_that_is_truncated_or_hostile_is_refused_by_name_and_field() {
    let rows: [(&str, Vec<u8>, &str); 9] = [
        ("empty", Vec::new(), "0 bytes: it is truncated"),
        ("text", b"not an image".to_vec(), "0x6e6f7420; expected 0x7f454c46 of an ELF file"),
        ("header-cut", image(&HLT, |file| file.truncate(100)), "100 bytes: it is truncated"),
        ("many-headers", image(&HLT, |file| (file[56], file[57]) = (255, 255)), "truncated"),
        ("other-machine", image(&HLT, |file| file[18] = 3), "expected 62 (x86-64)"),
        ("file-size", image(&HLT, set(96, 1 << 40)), "expected at most p_memsz"),
        ("memory-size", image(&HLT, set(104, 1 << 62)), "does not fit"),
        ("wraps", image(&HLT, set(88, u64::MAX - 7)), "does not fit"),
        ("over-firmware", image(&HLT, set(88, 0)), "does not fit"),
    ];
    let scratch = Scratch::new();
    for (name, bytes, says) in rows {
        refused(&["run", "--elf", &scratch.file(name, &bytes)], FAILED, &[name, says]);
    }
    refused(&["run", "--elf", "/nonexistent"], USAGE, &["/nonexistent"]);
}

/// A bzImage by the Linux boot protocol 2.15 with a kernel of 512 bytes; `change` makes it wrong.
fn kernel(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut file = vec![0; 2048];
    (file[0x1f1], file[0x201]) = (2, 0x66);
    file[0x202..0x206].copy_from_slice(b"HdrS");
    for (at, value) in [(0x1fe, 0xaa55u16), (0x206, 0x20f), (0x236, 1), (0x238, 2047)] {
        file[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(0x1f4, 32u32), (0x22c, 0x7fff_ffff), (0x258, 0x100_0000), (0x260, 0x1000)] {
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    change(&mut file);
    file
}

#[test]
fn a_kernel_that_cannot_boot_is_refused_by_name_and_field() {
    let rows: [(&str, Vec<u8>, &str); 8] = [
        ("no-kernel", b"#!/bin/sh\n".to_vec(), "a Linux bzImage (HdrS at 0x202)"),
        (
            "header-cut",
            kernel(|file| file.truncate(0x240)),
            "expected a setup header of at least 0x264 bytes",
        ),
        ("setup-only", kernel(|file| file.truncate(1536)), "it is truncated"),
        ("tail-cut", kernel(|file| file.truncate(1800)), "expected what syssize says: it is truncated"),
        ("too-old", kernel(|file| file[0x206] = 4), "expected 0x20c or newer"),
        ("32-bit", kernel(|file| file[0x236] = 0), "expected bit 0: a 64-bit kernel"),
        ("no-flag", kernel(|file| file[0x1fe] = 0), "expected 0xaa55"),
        ("far-away", kernel(|file| file[0x25e] = 1), "does not fit"),
    ];
    let scratch = Scratch::new();
    for (name, bytes, says) in rows {
        refused(&["run", "--kernel", &scratch.file(name, &bytes)], FAILED, &[name, says]);
    }
    let good = scratch.file("good", &kernel(|_| ()));
    let disk = scratch.file("disk", &vec![0; 48 << 20]);
    refused(
        &["run", "--kernel", &good, "--initrd", &disk, "--memory", "32MiB"],
        FAILED,
        &["50331648 bytes", "more memory"],
    );
    let module = scratch.file("module", b"dropped in silence once");
    refused(
        &["run", "--kernel", &good, "--initrd", &module, "--module", &module],
        FAILED,
        &["2 modules are given", "initial RAM disk", "takes at most 1"],
    );
    let long = "x".repeat(3_000);
    refused(&["run", "--kernel", &good, "--append", &long], FAILED, &["3000 bytes; at most 2047 fit"]);
    refused(&["run", "--kernel", &good, "--initrd", "/nonexistent"], USAGE, &["/nonexistent"]);
}

#[test]
fn a_guest_that_goes_astray_is_a_stop_that_says_where() {
    // lidt [rip + 1], a limit of 0; int3.
    let triple_fault = [&[0x0f, 0x01, 0x1d, 1, 0, 0, 0, 0xcc][..], &[0; 16]].concat();
    // mov rax, 0x7fff_ffff_0000; jmp rax.
    let into_nothing = [0x48, 0xb8, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0xff, 0xe0];
    let rows: [(&str, &[u8], i32, &[&str]); 5] = [
        ("triple-fault", &triple_fault, FAILED, &["triple fault at RIP 0x200007"]),
        ("into-nothing", &into_nothing, FAILED, &["0x7fffffff0000"]),
        ("halted", &[0xfa, 0xf4], FAILED, &["halted for ever", "interrupts are off"]),
        ("cli-loop", &[0xfa, 0xeb, 0xfe], TIMED_OUT, &["timed out"]),
        ("sti-loop", &[0xfb, 0xeb, 0xfe], TIMED_OUT, &["timed out"]),
    ];
    let scratch = Scratch::new();
    for (name, code, exit, says) in rows {
        let file = scratch.file(name, &image(code, |_| ()));
        refused(&["run", "--elf", &file, "--timeout", "2ms"], exit, says);
    }
}

#[test]
fn a_machine_that_cannot_be_is_refused_with_what_could_be() {
    let scratch = Scratch::new();
    let file = scratch.file("image", &image(&HLT, |_| ()));
    for memory in ["0", "-5", "99999TiB", "lots", ""] {
        let argument = format!("--memory={memory}");
        refused(&["run", "--elf", &file, &argument], USAGE, &["expected", "MiB"]);
    }
    refused(&["run", "--elf", &file, "--memory", "1 KiB"], USAGE, &["memory is 1024 bytes; expected"]);
    let scenario =
        std::fs::read_to_string(root().join("examples/scenarios/stream.toml")).expect("the scenario");
    let rows: [(&str, &str, &str, &[&str]); 6] = [
        ("no-processor", "cpus = 1", "cpus = 0", &["machine.cpus is 0; expected 1 to 8"]),
        ("a-million", "cpus = 1", "cpus = 1000000", &["cpus", "expected"]),
        ("key", "seed = 1", "sed = 1", &["unknown field `sed`, expected one of"]),
        ("kind", "seed = 1", "seed = \"one\"", &["seed", "expected"]),
        ("preset", "preset = \"", "preset = \"no-", &["nehalem-ep"]),
        ("syntax", "[machine]", "[machine", &["]"]),
    ];
    for (name, good, bad, says) in rows {
        assert!(scenario.contains(good), "the scenario has no `{good}` to spoil");
        let file = scratch.file(name, scenario.replacen(good, bad, 1).as_bytes());
        refused(&["run", &file], USAGE, &[&[name][..], says].concat());
    }
}

#[test]
fn a_wrong_choice_names_the_right_ones() {
    let rows: [(&[&str], &[&str]); 8] = [
        (&["compare", "--workload", "nothing"], &["stream"]),
        (&["compare", "--modes", "nothing"], &["bare-metal"]),
        (&["compare", "--preset", "nothing"], &["nehalem-ep"]),
        (&["compare", "--set", "exit.nothing=1"], &["exit.nothing"]),
        (&["compare", "--exit-cost-scale", "-1"], &["-1"]),
        (&["compare", "--scenario", "/nonexistent.toml"], &["/nonexistent.toml"]),
        (&["attack", "nothing"], &["never-eoi"]),
        (&["run", "nothing"], &["nothing"]),
    ];
    for (arguments, says) in rows {
        refused(arguments, USAGE, says);
    }
}
