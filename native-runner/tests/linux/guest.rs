//! A machine that runs Linux, and what its console says.

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
pub struct Images {
    kernel: Vec<u8>,
    disk: Vec<u8>,
}

impl Images {
    /// With this `/init`; `None`, with the reason printed, where they cannot be had. With
    /// `EXITLESS_REQUIRE_ALL=1` that fails the test.
    pub fn new(prepare: impl Fn(Initramfs) -> Initramfs) -> Option<Images> {
        let get = || {
            let kernel = linux_kit::kernel(Flavour::Cloud)?.image;
            let kernel = std::fs::read(&kernel).map_err(|e| format!("{}: {e}", kernel.display()))?;
            Ok::<_, String>(Images { kernel, disk: prepare(Initramfs::new()?).build() })
        };
        get().map_err(|reason| skipped(&reason)).ok()
    }

    /// A machine of the default model that is about to run the kernel.
    pub fn boot(&self, cpus: u8) -> Linux {
        self.boot_on(Model::default(), cpus, "")
    }

    /// A machine of this model; `options` are further words of the kernel's command line.
    pub fn boot_on(&self, model: Model, cpus: u8, options: &str) -> Linux {
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
        let boot = Boot {
            image: (&self.kernel, format!("console=ttyS0 {options}")),
            modules: vec![(&self.disk, String::new())],
        };
        Linux { rig: Rig::new(&build, &boot).expect("it boots"), said: String::new() }
    }
}

/// Says why nothing is tested; with `EXITLESS_REQUIRE_ALL=1` that is a failure.
pub fn skipped(reason: &str) {
    let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
    assert!(!required, "SKIPPED is not allowed here: {reason}");
    eprintln!("SKIPPED: {reason}");
}

/// A machine that runs Linux, and what its console has said.
pub struct Linux {
    /// The machine.
    pub rig: Rig,
    /// All that the console has said.
    pub said: String,
}

impl Linux {
    pub fn slice(&mut self, slice: Time) -> Option<Stop> {
        let stop = self.rig.run_until(self.rig.now().plus(slice));
        self.said += &String::from_utf8_lossy(&self.rig.console());
        stop
    }

    /// Runs until the console has said `text` since `from`.
    pub fn expect(&mut self, from: usize, text: &str) {
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
    pub fn type_line(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\r']) {
            while self.rig.console_room() == 0 {
                assert_eq!(self.slice(Time::us(100)), None);
            }
            self.rig.input(Input::Console(byte));
        }
    }

    /// Types a command, and returns what the console says until the next prompt.
    pub fn command(&mut self, line: &str) -> String {
        let from = self.said.len();
        self.type_line(line);
        self.expect(from, "\n");
        let from = from + self.said[from..].find('\n').unwrap_or(0);
        self.expect(from, "/ # ");
        self.said[from..].replace('\r', "")
    }

    /// Runs until the machine stops, and holds the kernel's words to what a healthy one says.
    pub fn power_off(&mut self, slice: Time) {
        let stop = (0..100_000).find_map(|_| self.slice(slice));
        assert_eq!(stop, Some(Stop::PowerOff), "the console said:\n{}", self.said);
        for complaint in COMPLAINTS {
            let line = self.said.lines().find(|line| line.contains(complaint));
            assert_eq!(line, None, "the console said:\n{}", self.said);
        }
    }
}
