//! Debian's kernel, unmodified, from its first instruction to a shell and to power-off.

mod guest;
mod others;
mod programs;

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Stop};
use emulator::time::Time;
use guest::{Images, Linux};
use observe::rig::machine_hash;

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

/// Without the I/O APIC every ISA interrupt comes through the 8259s: the timer's at first, and the console's.
#[test]
fn a_boot_without_the_io_apic_has_its_interrupts_from_the_8259s() {
    let Some(images) = Images::new(|disk| disk) else { return };
    let mut linux = images.boot_on(Model::default(), 1, "noapic");
    linux.expect(0, "/ # ");
    // What is typed comes by IRQ 4 alone: the driver of a UART with an interrupt does not poll.
    assert!(linux.command("echo $((6 * 7))").contains("42\n"));
    let interrupts = linux.command("cat /proc/interrupts");
    let console = interrupts.lines().find(|line| line.contains("ttyS0")).unwrap_or_default();
    let words: Vec<&str> = console.split_whitespace().collect();
    assert!(words.starts_with(&["4:"]) && words.get(2) == Some(&"XT-PIC"), "{interrupts}");
    assert!(words[1].parse().is_ok_and(|count: u32| count > 20), "{interrupts}");
    assert!(!interrupts.contains("IO-APIC"), "{interrupts}");
    // The clock is set, and is then what it was set to.
    linux.command("date -u -s '2031-05-06 07:08:09' && hwclock -u -w");
    let clock = linux.command("hwclock -u -r");
    assert!(clock.contains("May  6 07:08:") && clock.contains("2031"), "{clock}");
    linux.type_line("poweroff -f");
    linux.power_off(Time::ms(1));
}

/// A boot in odd slices to power-off, every eighth of which is overrun, forgotten and run again from a snapshot:
/// its hash, its instructions and what its console said.
fn with_restores(linux: Linux) -> (u64, u64, String) {
    let mut machine = linux.rig.into_machine();
    let mut said = String::new();
    for slice in 0..100_000 {
        let until = machine.now().plus(Time::us(7_013));
        if slice % 8 == 0 {
            let snapshot = machine.snapshot();
            machine.run(Budget::until(until.plus(Time::us(12_345))));
            machine.restore(&snapshot);
            machine.take_console();
        }
        let stop = machine.run(Budget::until(until));
        said += &String::from_utf8_lossy(&machine.take_console());
        if stop != Stop::Budget {
            assert_eq!(stop, Stop::PowerOff, "the console said:\n{said}");
            return (machine_hash(&machine), machine.retired(), said);
        }
    }
    panic!("no power-off; the console said:\n{said}");
}

/// Runs the same boot twice, in other slices and with restores, and holds one to the other.
fn has_one_history(cpus: u8) {
    let script =
        "for i in 1 2 3 4 5 6; do dd if=/dev/zero bs=4096 count=64 2>&1 | md5sum & done; wait; poweroff -f\n";
    let Some(images) = Images::new(|disk| disk.init(script)) else { return };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| with_restores(images.boot(cpus)));
        let mut linux = images.boot(cpus);
        linux.power_off(Time::ms(1));
        let this = (linux.rig.trace_hash(), linux.rig.retired(), linux.said);
        assert_eq!(this, other.join().expect("it runs"));
    });
}

#[test]
fn a_boot_of_one_processor_has_one_history_however_it_is_cut() {
    has_one_history(1);
}

#[test]
fn a_boot_of_four_processors_has_one_history_however_it_is_cut() {
    has_one_history(4);
}
