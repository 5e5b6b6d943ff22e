//! What a machine costs its host: the pages that were touched, not those that are there.
#![cfg(target_os = "linux")]

use emulator::machine::{Config, Machine};

/// Bytes of this process's memory that are resident.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has a size");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib << 10
}

#[test]
fn a_machine_costs_no_more_than_the_pages_that_were_touched() {
    let before = resident();
    let mut machine = Machine::new(&Config { memory: 512 << 20, ..Config::default_pc() }).expect("room");
    let touched = 64u64 << 20;
    for page in 0..touched >> 12 {
        assert!(machine.write_memory(page << 12, &[1]));
    }
    let cost = resident() - before;
    assert!(cost >= touched, "the pages are there: {cost}");
    assert!(cost <= touched + touched / 10, "{cost} bytes for {touched} touched");
}
