//! Debian's full kernel with its own ixgbe, intel-iommu and kvm_intel drivers, unmodified: one long
//! script in the guest, with DMA and interrupts remapped and without.

mod guest;

use emulator::cpu::cpuid::Model;
use emulator::peer::digest::Crc32;
use emulator::peer::spec::tag;
use emulator::peer::words::Words;
use guest::{Guest, run};

/// What a kernel says that has found something wrong.
const COMPLAINTS: [&str; 11] = [
    "WARNING:",
    "BUG:",
    "Oops",
    "[Firmware Bug]",
    "[Firmware Warn]",
    "ACPI Error",
    "ACPI Warning",
    "unchecked MSR access",
    "Call Trace",
    "DMAR: [",
    "fault reason",
];
/// What the card's driver says that has found something wrong.
const OF_THE_CARD: [&str; 5] = [
    "ixgbe 0000:00:03.0: Warning",
    "Adapter removed",
    "NETDEV WATCHDOG",
    "Reset adapter",
    "Detected Tx Unit Hang",
];

/// All that the card, its driver and KVM are asked.
const ALL: &str = include_str!("init.sh");
/// Several queues at once.
const QUEUES: &str = include_str!("queues.sh");

fn sum(length: usize) -> String {
    let mut bytes = Vec::new();
    Words::new(1, tag::FILE, 0).append(length, &mut bytes);
    format!("{:08x} {length}", Crc32::of(&bytes))
}

/// A download and an upload whose CRC-32 both ends have found to be that of the generator's bytes.
fn transferred(guest: &Guest, section: &str, length: usize) {
    let sum = sum(length);
    guest.says(section, &format!("here: {sum}\n"));
    guest.says(section, &format!("there: {sum}\n"));
    guest.says(section, &format!("back: {sum} verified\n"));
}

/// What holds with and without remapping.
fn everything_works(guest: &Guest) {
    guest.says("probe", "carrier 1 speed 10000\n");
    guest.says("lease", "lease 10.0.0.2/24 from 10.0.0.1 for 86400\n");
    guest.says("lease", "3 packets transmitted, 3 packets received, 0% packet loss");
    transferred(guest, "transfer", 64 << 20);
    the_driver_shows_what_the_device_is(guest);
    transferred(guest, "without offloads", 100_001);
    guest.says("vlan", "2 packets received");
    guest.says("vlan", "hardware: 3\n");
    transferred(guest, "vlan", 1_000_001);
    for test in ["Register", "Eeprom", "Interrupt", "Loopback", "Link"] {
        let line = guest.section("self-test").lines().find(|line| line.starts_with(test));
        assert!(line.is_some_and(|line| line.ends_with("\t 0")), "{line:?}");
    }
    guest.says("self-test", "The test result is PASS\n");
    for section in ["link", "unbind", "reset", "reset while up"] {
        let answers = guest.section(section).matches(", 0% packet loss").count();
        assert_eq!(answers, if section == "reset" { 2 } else { 1 }, "{}", guest.section(section));
    }
    guest.says("unbind", "lo\ncarrier 1 speed 10000\n");
    guest.says("reset", "flr\n");
    guest.says("machine check", "bank5");
    // The driver says that the card was reset under its feet; the kernel minds nothing.
    says_none_of(guest, "dmesg after", COMPLAINTS.iter());
    nothing_is_wrong(guest);
}

fn nothing_is_wrong(guest: &Guest) {
    says_none_of(guest, "dmesg", COMPLAINTS.iter().chain(&OF_THE_CARD));
}

fn says_none_of<'a>(guest: &Guest, section: &str, complaints: impl Iterator<Item = &'a &'a str>) {
    for complaint in complaints {
        let line = guest.section(section).lines().find(|line| line.contains(complaint));
        assert_eq!(line, None);
    }
}

fn the_driver_shows_what_the_device_is(guest: &Guest) {
    guest.says("dmesg", "MAC: 2, PHY: 20, SFP+: 5, PBA No: E12300-000");
    guest.says("dmesg", "NIC Link is Up 10 Gbps, Flow Control: RX/TX");
    guest.says("module", "10G Ethernet: 10G Base-SR\n");
    guest.says("module", "Module temperature                        : 35.00 degrees C");
    guest.says("settings", "Speed: 10000Mb/s\n");
    guest.says("settings", "Supported link modes:   10000baseT/Full\n");
    guest.says("settings", "firmware-version: 0x80000000");
    let counter = |name: &str| {
        let line = guest.section("statistics").lines().find(|line| line.trim().starts_with(name));
        line.and_then(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).unwrap_or(0)
    };
    for [software, hardware] in [["rx_packets:", "rx_pkts_nic:"], ["tx_packets:", "tx_pkts_nic:"]] {
        assert!(counter(hardware) >= 40_000, "{hardware} {}", counter(hardware));
        assert_eq!(counter(software), counter(hardware));
    }
    for bytes in ["rx_bytes_nic:", "tx_bytes_nic:"] {
        assert!(counter(bytes) > 64 << 20, "{bytes} {}", counter(bytes));
    }
    for bad in
        ["rx_errors:", "tx_errors:", "rx_missed_errors:", "rx_csum_offload_errors:", "tx_timeout_count:"]
    {
        assert_eq!(counter(bad), 0, "{bad}");
    }
}

#[test]
fn ixgbe_and_kvm_work_with_dma_and_interrupts_remapped() {
    let Some(guest) = run(ALL, Model::Haswell, 1, "intel_iommu=on intremap=on") else { return };
    everything_works(&guest);
    for line in [
        "DMAR: IOMMU enabled",
        "x2apic enabled",
        "Enabled IRQ remapping in x2apic mode",
        "DMAR: Intel(R) Virtualization Technology for Directed I/O",
        "pci 0000:00:03.0: Adding to iommu group",
    ] {
        guest.says("dmesg", line);
    }
    guest.says("interrupts", "IR-PCI-MSI");
    guest.says("interrupts", "eth0-TxRx-0");
    guest.says(
        "kvm",
        "vmx\n/dev/kvm\nept:Y\nvpid:Y\nunrestricted_guest:Y\neptad:Y\nvnmi:Y\npreemption_timer:Y\n",
    );
}

#[test]
fn ixgbe_and_kvm_work_without_remapping() {
    let Some(guest) = run(ALL, Model::Nehalem, 1, "intel_iommu=off intremap=off") else { return };
    everything_works(&guest);
    guest.says("interrupts", "PCI-MSI");
    assert!(!guest.section("interrupts").contains("IR-PCI-MSI"));
    assert!(!guest.section("dmesg").contains("Adding to iommu group"));
    guest.says("kvm", "vmx\n/dev/kvm\nept:Y\nvpid:Y\nunrestricted_guest:N\neptad:N\nvnmi:Y\n");
}

/// What stands before a word in a section's lines, as a number.
fn figures(guest: &Guest, section: &str, before: &str) -> Vec<u64> {
    let lines = guest.section(section).lines().filter_map(|line| line.split_once(before));
    lines.filter_map(|(_, number)| number.trim().parse().ok()).collect()
}

/// The hashes that the driver computes for its filters are those that the device computes for frames.
fn flows_are_directed(guest: &Guest) {
    let sampled = figures(guest, "sampled", "fdir_match: ");
    assert!(sampled.iter().sum::<u64>() > 1_000, "{}", guest.section("sampled"));
    guest.says("steered", "Filter: 5\n");
    guest.says("steered", "Action: Direct to queue 2\n");
    let grown = |what: &str| {
        let counts = |when: &str| figures(guest, "steered", &format!("{when} {what}: "));
        let (before, after) = (counts("before"), counts("after"));
        assert_eq!((before.len(), after.len()), (4, 4), "{}", guest.section("steered"));
        after.iter().zip(&before).map(|(after, before)| after - before).sum::<u64>()
    };
    let queues: Vec<u64> = (0..4).map(|queue| grown(&format!("rx_queue_{queue}_packets"))).collect();
    let others = queues.iter().sum::<u64>() - queues[2];
    assert!(queues[2] > 4_000 && others < 40, "{queues:?}");
    assert!(grown("fdir_match") >= queues[2], "each was met");
    assert_eq!(guest.section("steered").matches(&format!("steered here: {}\n", sum(2 << 20))).count(), 4);
    guest.says("steered", "nothing comes from port 80\nit comes again\n");
}

#[test]
fn four_processors_have_a_queue_each_and_share_the_flows() {
    let Some(guest) = run(QUEUES, Model::Haswell, 4, "intel_iommu=on intremap=on") else { return };
    guest.says("probe", "carrier 1 speed 10000\nqueues 4\n");
    // Sixteen flows, each whole at both ends.
    let length = 2 << 20;
    for flow in 1..=16 {
        guest.says("flows", &format!("{flow} here: {}\n", sum(length)));
        guest.says("flows", &format!("{flow} back: {} verified\n", sum(length)));
    }
    for (word, least) in [("_packets: ", 1_000), ("_bytes: ", 1_000_000)] {
        let counts = figures(&guest, "received", word);
        assert_eq!(counts.len(), 4, "{counts:?}");
        // The hash of sixteen flows meets most queues, whichever ports the kernel took.
        assert!(counts.iter().filter(|n| **n >= least).count() >= 3, "{counts:?}");
    }
    flows_are_directed(&guest);
    // Each queue's own interrupt, at the processor that it is bound to.
    let own = figures(&guest, "interrupts", "own ");
    assert_eq!(own.len(), 4, "{own:?}");
    assert!(own.iter().filter(|n| **n > 100).count() >= 3, "{own:?}");
    guest.says("two", "queues 2\n");
    transferred(&guest, "two", 1_000_001);
    nothing_is_wrong(&guest);
}
