//! A run of two processors in every format, read back.

#[path = "../common/two_processors.rs"]
mod two_processors;

use std::collections::BTreeMap;
use std::process::Command;

use emulator::time::Time;
use emulator::trace::Record;
use observe::rig::{Boot, Build, Rig};
use observe::scenario::machine::Network;
use observe::scenario::units::Bytes;

use super::{counts, python, root};

const LENGTH: Time = Time::ms(4);
/// Timer cycles between the ticks of each processor: now and then both come in one turn.
const PERIODS: [u32; 2] = [1_330, 1_327];

/// The records of the run, and each processor's cycles at its end.
fn truth() -> (Vec<Record>, u64, u64) {
    let build = Build {
        memory: Bytes(16 << 20),
        cpus: 2,
        model: Default::default(),
        preset: observe::rig::preset("nehalem-ep", &[], None).unwrap(),
        seed: 1,
        network: Network::default(),
        message: 256,
        records: true,
    };
    let image = two_processors::image(PERIODS);
    let boot = Boot { image: (&image, String::new()), modules: Vec::new() };
    let mut rig = Rig::new(&build, &boot).unwrap();
    rig.run_until(LENGTH);
    let cycles = (0..2).map(|cpu| rig.machine().registers(cpu).cycles).sum();
    (rig.records(), cycles, rig.now().0)
}

#[test]
fn two_processors_are_two_tracks_and_every_format_is_in_the_order_of_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("two"), two_processors::image(PERIODS)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_exitless"));
    command.current_dir(root()).args([
        "run",
        "--cpus",
        "2",
        "--memory",
        "16MiB",
        "--timeout",
        "4ms",
        "--elf",
    ]);
    command.arg(file("two"));
    for (format, name) in [
        ("perfetto", "run.pftrace"),
        ("vcd", "run.vcd"),
        ("chrome", "run.json"),
        ("ftrace", "run.txt"),
        ("stacks", "run.folded"),
        ("pcapng", "run.pcapng"),
        ("perf-kvm-json", "kvm.json"),
        ("perf-kvm-csv", "kvm.csv"),
    ] {
        command.arg("--trace").arg(format!("{format}={}", file(name).display()));
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(42), "{}", String::from_utf8_lossy(&output.stderr));
    let (records, cycles, end) = truth();
    let mut kinds = BTreeMap::<String, u64>::new();
    for record in &records {
        *kinds.entry(record.kind.name().to_string()).or_default() += 1;
    }
    let late = records.windows(2).filter(|pair| pair[1].time < pair[0].time).count();
    assert!(late > 10, "records in the order of their times try nothing: {late}");
    perfetto(folder.path(), &kinds);
    let Some(read) = python("waves.py", "vcdvcd", &file("run.vcd")) else { return };
    assert_eq!((&read["cpus"], &read["end"]), (&serde_json::json!(["cpu0", "cpu1"]), &end.into()));
    assert_eq!(
        (&read["pended"], &read["acknowledged"]),
        (&kinds["pending"].into(), &kinds["acknowledged"].into())
    );
    let Some(read) = python("texts.py", "", folder.path()) else { return };
    let threads = ["processor 0", "processor 1", "NIC", "IOMMU", "local APIC 0", "local APIC 1"];
    assert_eq!(read["chrome"]["threads"], serde_json::json!(threads));
    assert_eq!(counts(&read["stacks"]).values().sum::<u64>(), cycles);
    let lines = counts(&read["ftrace"]["cpus"]);
    assert!(["000", "001"].iter().all(|cpu| lines[*cpu] > 10), "{lines:?}");
}

fn perfetto(folder: &std::path::Path, kinds: &BTreeMap<String, u64>) {
    let Some(read) = python("perfetto_file.py", "perfetto", &folder.join("run.pftrace")) else { return };
    assert_eq!(&counts(&read["instants"]), kinds);
    let on_track = counts(&read["on_track"]);
    for track in ["processor 0", "processor 1", "local APIC 0", "local APIC 1"] {
        assert!(on_track[track] > 10, "{track}: {on_track:?}");
    }
}
