//! Other machines and other words on the command line: what a kernel does there that it does not do by default.

use emulator::cpu::cpuid::Model;
use emulator::machine::Stop;
use emulator::time::Time;

use crate::guest::{Images, Linux};

/// A machine, words for its kernel, and what a shell there says to commands.
struct Row {
    model: Model,
    cpus: u8,
    options: &'static str,
    says: &'static [(&'static str, &'static [&'static str])],
}

const CLOCK: &str = "cat /sys/devices/system/clocksource/clocksource0/current_clocksource";
const RANGES: (&str, &[&str]) =
    ("cat /proc/mtrr", &["reg00: base=0x0c0000000 ( 3072MB), size= 1024MB, count=1: uncachable"]);
const CACHES: (&str, &[&str]) =
    ("dmesg | grep x86/PAT", &["x86/PAT: Configuration [0-7]: WB  WC  UC- UC  WB  WP  UC- WT"]);

const ROWS: &[Row] = &[
    Row {
        model: Model::Nehalem,
        cpus: 2,
        options: "",
        says: &[("grep -c x2apic /proc/cpuinfo", &["0\n"]), RANGES, CACHES],
    },
    Row { model: Model::SkylakeServer, cpus: 2, options: "", says: &[RANGES, CACHES] },
    // Without an HPET the PIT gives the kernel its first ticks, and calibrates its other clocks.
    Row { model: Model::Haswell, cpus: 1, options: "hpet=disable", says: &[(CLOCK, &["tsc\n"])] },
    Row {
        model: Model::NehalemX2apic,
        cpus: 1,
        options: "hpet=disable clocksource=acpi_pm nolapic_timer",
        says: &[(CLOCK, &["acpi_pm\n"]), ("grep ' 0:' /proc/interrupts", &["timer"])],
    },
    Row {
        model: Model::NehalemX2apic,
        cpus: 1,
        options: "nolapic_timer clocksource=hpet highres=off nohz=off",
        says: &[(CLOCK, &["hpet\n"])],
    },
];

#[test]
fn other_processors_and_clocks_do_as_well() {
    for row in ROWS {
        let Some(images) = Images::new(|disk| disk) else { return };
        let mut linux = images.boot_on(row.model, row.cpus, row.options);
        linux.expect(0, "/ # ");
        let before = linux.rig.now();
        linux.command("sleep 3");
        let slept = linux.rig.now().since(before);
        assert!((Time::ms(3_000)..Time::ms(3_100)).contains(&slept), "{}: {slept} ps", row.options);
        for (command, words) in row.says {
            let said = linux.command(command);
            for word in *words {
                assert!(said.contains(word), "{}: {command}: no {word:?} in\n{said}", row.options);
            }
        }
        linux.type_line("poweroff -f");
        linux.power_off(Time::ms(1));
    }
}

#[test]
fn a_reboot_is_a_reset() {
    let Some(images) = Images::new(|disk| disk) else { return };
    let mut linux: Linux = images.boot(1);
    linux.expect(0, "/ # ");
    linux.type_line("reboot -f");
    let stop = (0..10_000).find_map(|_| linux.slice(Time::ms(1)));
    assert_eq!(stop, Some(Stop::Reset), "the console said:\n{}", linux.said);
}
