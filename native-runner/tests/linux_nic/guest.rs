//! A machine that boots the kernel, runs the script and powers off; and what it said.

use emulator::cpu::cpuid::Model;
use emulator::machine::Stop;
use emulator::time::Time;
use linux_kit::{Flavour, Initramfs};
use observe::rig::{Boot, Build, Rig};
use observe::scenario::machine::Network;
use observe::scenario::units::Bytes;

/// What every script begins with.
const BEGIN: &str = include_str!("up.sh");
const LEASE: &[u8] = include_bytes!("udhcpc.sh");
const MODULES: [&str; 3] = ["ixgbe", "8021q", "kvm_intel"];
/// Virtual time within which the guest is to be done.
const LIMIT: Time = Time::ms(120_000);

/// What the console said.
pub struct Guest(String);

impl Guest {
    /// From the line `== name` to the next such line.
    pub fn section(&self, name: &str) -> &str {
        let mark = format!("\n== {name}\n");
        let at = self.0.find(&mark).unwrap_or_else(|| panic!("no section {name:?} in:\n{}", self.0));
        let text = &self.0[at + mark.len()..];
        text.find("\n== ").map_or(text, |end| &text[..=end])
    }

    /// Fails unless a section holds `words`.
    pub fn says(&self, section: &str, words: &str) {
        let text = self.section(section);
        assert!(text.contains(words), "no {words:?} in section {section:?}:\n{text}");
    }
}

/// Runs the script; `None`, with the reason printed, where kernel or tools cannot be had. With
/// `EXITLESS_REQUIRE_ALL=1` that fails the test.
pub fn run(script: &str, model: Model, cpus: u8, options: &str) -> Option<Guest> {
    match images(script) {
        Ok((kernel, disk)) => Some(boot(model, cpus, options, &kernel, &disk)),
        Err(reason) => {
            let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
            assert!(!required, "SKIPPED is not allowed here: {reason}");
            eprintln!("SKIPPED: {reason}");
            None
        }
    }
}

fn images(script: &str) -> Result<(Vec<u8>, Vec<u8>), String> {
    let kernel = linux_kit::kernel(Flavour::Full)?;
    let image = std::fs::read(&kernel.image).map_err(|e| format!("{}: {e}", kernel.image.display()))?;
    let mut disk = Initramfs::new()?.modules(&kernel, &MODULES)?.init(&format!("{BEGIN}{script}"));
    for (path, file) in linux_kit::ethtool()? {
        disk = disk.program(path, &file)?;
    }
    Ok((image, disk.file("etc/udhcpc.script", 0o755, LEASE).build()))
}

fn boot(model: Model, cpus: u8, options: &str, kernel: &[u8], disk: &[u8]) -> Guest {
    let build = Build {
        memory: Bytes(512 << 20),
        cpus,
        model,
        preset: observe::rig::preset("nehalem-ep", &[], None).expect("a preset"),
        seed: 1,
        network: Network::default(),
        message: 256,
        records: false,
    };
    // Only the script's own words reach the console; the kernel's are read with dmesg.
    let line = format!("console=ttyS0 quiet loglevel=1 {options}");
    let boot = Boot { image: (kernel, line), modules: vec![(disk, String::new())] };
    let mut rig = Rig::new(&build, &boot).expect("it boots");
    let mut said = String::from("\n");
    while rig.now() < LIMIT {
        let stop = rig.run_until(rig.now().plus(Time::ms(10)));
        said += &String::from_utf8_lossy(&rig.console()).replace('\r', "");
        if let Some(stop) = stop {
            assert_eq!(stop, Stop::PowerOff, "the console said:\n{said}");
            return Guest(said);
        }
    }
    panic!("not done within {LIMIT}; the console said:\n{said}");
}
