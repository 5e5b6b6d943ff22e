//! What a machine that runs Linux costs its host: the pages that the guest has touched, and little more. A process of
//! its own, since that is what the host's kernel counts.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "the other tests of Linux use the rest")]
#[path = "linux/guest.rs"]
mod guest;

use guest::Images;

/// The guest's memory, as `Images` boots it.
const MEMORY: u64 = 512 << 20;

/// Bytes of this process's own memory, its program's file left out, and of them those in mappings that are as large
/// as the guest's memory.
fn resident() -> (u64, u64) {
    let smaps = std::fs::read_to_string("/proc/self/smaps").expect("the kernel tells");
    let bytes = |line: &str, name: &str| {
        let kib: u64 = line.strip_prefix(name)?.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kib << 10)
    };
    let (mut all, mut guest, mut size) = (0, 0, 0);
    for line in smaps.lines() {
        size = bytes(line, "Size:").unwrap_or(size);
        if let Some(own) = bytes(line, "Anonymous:") {
            all += own;
            guest += if size >= MEMORY { own } else { 0 };
        }
    }
    (all, guest)
}

#[test]
fn a_boot_costs_the_host_no_more_than_the_pages_that_it_touched_and_a_tenth() {
    let (before, none) = resident();
    assert_eq!(none, 0, "no mapping is as large yet");
    let Some(images) = Images::new(|disk| disk) else { return };
    let mut linux = images.boot(1);
    // They are no cost of the machine's, and could lie beside its memory in one mapping.
    drop(images);
    linux.expect(0, "/ # ");
    let (after, touched) = resident();
    let cost = after - before;
    println!("{} MiB touched of {}, {} MiB in all", touched >> 20, MEMORY >> 20, cost >> 20);
    assert!(
        (32 << 20..MEMORY / 2).contains(&touched),
        "a kernel touches some of its memory: {touched} bytes"
    );
    assert!(cost <= touched + touched / 10, "{cost} bytes for {touched} touched");
}
