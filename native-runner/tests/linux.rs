//! Debian's kernel, unmodified, from its first instruction to a shell and to power-off.

use emulator::cpu::cpuid::Model;
use emulator::machine::{Input, Stop};
use emulator::time::Time;
use linux_kit::{Flavour, Initramfs};
use observe::rig::{Boot, Build, Rig};
use observe::scenario::machine::Network;
use observe::scenario::units::Bytes;

/// What a healthy kernel does not say.
const COMPLAINTS: [&str; 14] = [
    "WARNING: CPU:",
    "BUG:",
    "Oops",
    "[Firmware Bug]",
    "[Firmware Warn]",
    "ACPI Error",
    "ACPI Warning",
    "unchecked MSR access",
    // The kernel's own looks at its clocks.
    "Marking clocksource",
    "clocksource watchdog",
    "timekeeping watchdog",
    "calibration failed",
    "does not work properly",
    "Call Trace",
];

/// A kernel and an initial RAM disk.
struct Images {
    kernel: Vec<u8>,
    disk: Vec<u8>,
}

impl Images {
    /// With this `/init`; `None`, with the reason printed, where they cannot be had. With
    /// `EXITLESS_REQUIRE_ALL=1` that fails the test.
    fn new(prepare: impl Fn(Initramfs) -> Initramfs) -> Option<Images> {
        let get = || {
            let kernel = linux_kit::kernel(Flavour::Cloud)?.image;
            let kernel = std::fs::read(&kernel).map_err(|e| format!("{}: {e}", kernel.display()))?;
            Ok::<_, String>(Images { kernel, disk: prepare(Initramfs::new()?).build() })
        };
        get().map_err(|reason| skipped(&reason)).ok()
    }

    fn boot(&self, cpus: u8) -> Linux {
        let build = Build {
            memory: Bytes(512 << 20),
            cpus,
            model: Model::default(),
            preset: observe::rig::preset("nehalem-ep", &[], None).expect("a preset"),
            seed: 1,
            network: Network::default(),
            message: 256,
            records: false,
        };
        let boot = Boot {
            image: (&self.kernel, "console=ttyS0".to_string()),
            modules: vec![(&self.disk, String::new())],
        };
        Linux { rig: Rig::new(&build, &boot).expect("it boots"), said: String::new() }
    }
}

fn skipped(reason: &str) {
    let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
    assert!(!required, "SKIPPED is not allowed here: {reason}");
    eprintln!("SKIPPED: {reason}");
}

/// A machine that runs Linux, and what its console has said.
struct Linux {
    rig: Rig,
    said: String,
}

impl Linux {
    fn slice(&mut self, slice: Time) -> Option<Stop> {
        let stop = self.rig.run_until(self.rig.now().plus(slice));
        self.said += &String::from_utf8_lossy(&self.rig.console());
        stop
    }

    /// Runs until the console has said `text` since `from`.
    fn expect(&mut self, from: usize, text: &str) {
        for _ in 0..30_000 {
            if self.said[from..].contains(text) {
                return;
            }
            if let Some(stop) = self.slice(Time::ms(1)) {
                panic!("{stop} before {text:?}; the console said:\n{}", self.said);
            }
        }
        panic!("no {text:?} within 30 s; the console said:\n{}", self.said);
    }

    /// Types a line, as fast as the UART takes it.
    fn type_line(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\r']) {
            while self.rig.console_room() == 0 {
                assert_eq!(self.slice(Time::us(100)), None);
            }
            self.rig.input(Input::Console(byte));
        }
    }

    /// Types a command, and returns what the console says until the next prompt.
    fn command(&mut self, line: &str) -> String {
        let from = self.said.len();
        self.type_line(line);
        self.expect(from, "\n");
        let from = from + self.said[from..].find('\n').unwrap_or(0);
        self.expect(from, "/ # ");
        self.said[from..].replace('\r', "")
    }

    /// Runs until the machine stops, and holds the kernel's words to what a healthy one says.
    fn power_off(&mut self, slice: Time) {
        let stop = (0..100_000).find_map(|_| self.slice(slice));
        assert_eq!(stop, Some(Stop::PowerOff), "the console said:\n{}", self.said);
        for complaint in COMPLAINTS {
            let line = self.said.lines().find(|line| line.contains(complaint));
            assert_eq!(line, None, "the console said:\n{}", self.said);
        }
    }
}

/// From the kernel's first word to a shell, a command, and power-off.
fn to_a_shell_and_off(cpus: u8) {
    let Some(images) = Images::new(|disk| disk) else { return };
    let mut linux = images.boot(cpus);
    linux.expect(0, "/ # ");
    assert!(linux.command("echo $((6 * 7)) $(uname -r)").contains("42 6.1."));
    let online = linux.command("grep -c ^processor /proc/cpuinfo");
    assert!(online.contains(&format!("{cpus}\n")), "{online}");
    // Long enough for the watchdog, which looks twice a second, and for the refined calibration.
    linux.command("sleep 3");
    let source = linux.command("cat /sys/devices/system/clocksource/clocksource0/current_clocksource");
    assert!(source.contains("tsc\n"), "{source}");
    let said = linux.command("dmesg | grep 'clocksource calibration'");
    let refined = ["2929.999 MHz", "2930.000 MHz", "2930.001 MHz"];
    assert!(refined.iter().any(|hz| said.contains(hz)), "{said}");
    linux.type_line("poweroff -f");
    linux.power_off(Time::ms(1));
}

#[test]
fn one_processor_boots_to_a_shell_and_powers_off() {
    to_a_shell_and_off(1);
}

#[test]
fn two_processors_boot_to_a_shell_and_power_off() {
    to_a_shell_and_off(2);
}

#[test]
fn four_processors_boot_to_a_shell_and_power_off() {
    to_a_shell_and_off(4);
}

/// Runs the same boot twice, in other slices, and holds one to the other.
fn has_one_history(cpus: u8) {
    let script =
        "for i in 1 2 3 4 5 6; do dd if=/dev/zero bs=4096 count=64 2>&1 | md5sum & done; wait; poweroff -f\n";
    let Some(images) = Images::new(|disk| disk.init(script)) else { return };
    let hash = |slice| {
        let mut linux = images.boot(cpus);
        linux.power_off(slice);
        (linux.rig.trace_hash(), linux.rig.retired(), linux.said)
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| hash(Time::us(7_013)));
        assert_eq!(hash(Time::ms(1)), other.join().expect("it runs"));
    });
}

#[test]
fn a_boot_of_one_processor_has_one_history_whatever_its_slices() {
    has_one_history(1);
}

#[test]
fn a_boot_of_four_processors_has_one_history_whatever_its_slices() {
    has_one_history(4);
}
