//! Compiled C gives on the machine what it gives on the host processor.

mod common;

use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::time::Time;

/// Parts of `../shared/peers/bench.c`, built by `cargo xtask guests` for the bare machine and for the host.
#[test]
fn checksums_are_those_of_the_same_source_on_the_host_processor() {
    let (Some(image), Some(expected)) = (common::image("bench-c"), common::image("bench-c.expected")) else {
        return;
    };
    let mut machine = Machine::new(&Config::default_pc()).expect("a machine of the default size");
    machine.load_elf(&image, "", &[]).expect("the image loads");
    let mut console = Vec::new();
    for second in 1..60 {
        let stop = machine.run(Budget::until(Time::ms(second * 1000)));
        console.extend(machine.take_console());
        if stop != Stop::Budget {
            assert_eq!(stop, Stop::Exit { code: 0 });
            break;
        }
    }
    let expected = String::from_utf8_lossy(&expected);
    assert_eq!(String::from_utf8_lossy(&console), expected);
    assert_eq!(expected.lines().count(), 7, "{expected}");
}
