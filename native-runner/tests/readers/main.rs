//! What a run is written to, read back by programs that are not ours: Perfetto's own schema, tshark, a
//! reader of waveforms, Python's json and csv. What they count is held against the machine's own counters.
//!
//! `cargo xtask test` installs them; `EXITLESS_READERS` is where the Python packages of
//! `requirements.txt` are.

mod several;
mod truth;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use truth::{Run, runs};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn missing(what: &str) {
    let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
    assert!(!required, "SKIPPED is not allowed here: {what}");
    eprintln!("SKIPPED: {what}");
}

/// What a program prints; `None`, with the reason printed, where the program is missing.
fn said(command: &mut Command) -> Option<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command:?}: {error}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(error) => {
            missing(&format!("{name}: {error}; `cargo xtask test` as root on Debian installs it"));
            None
        }
    }
}

/// What the script counts in `file`.
fn python(script: &str, needs: &str, file: &Path) -> Option<Value> {
    let packages =
        std::env::var_os("EXITLESS_READERS").map_or_else(|| root().join("target/readers"), PathBuf::from);
    if !needs.is_empty() && !packages.join(needs).is_dir() {
        missing(&format!("{}: no {needs}; `cargo xtask test` installs it", packages.display()));
        return None;
    }
    let script = root().join("native-runner/tests/readers").join(script);
    let text = said(Command::new("python3").arg(script).arg(file).env("PYTHONPATH", packages))?;
    Some(serde_json::from_str(&text).unwrap())
}

fn counts(value: &Value) -> BTreeMap<String, u64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn perfettos_schema_reads_every_exit_and_every_life() {
    for run in runs() {
        let Some(read) = python("perfetto_file.py", "perfetto", &run.file("pftrace")) else { return };
        let (name, truth) = (&run.mode, &run.truth);
        assert_eq!(counts(&read["exits"]), truth.exits, "{name}");
        assert_eq!(read["longest_ns"], truth.longest_ns, "{name}");
        assert_eq!(read["ended"], truth.ended, "{name}");
        let latency = read["device_latency_ns"].as_u64().unwrap();
        assert!(latency.abs_diff(truth.counters.nic_latency_max_ps / 1_000) <= 1, "{name}: {latency}");
        let messages = truth.kinds.get("message").copied().unwrap_or(0);
        let sums = counts(&read["counters"]);
        assert_eq!((sums["VM exits"], sums["device interrupts"]), (truth.left() * 10_000, messages * 10_000));
        let mut kinds = truth.kinds.clone();
        kinds.retain(|kind, _| !["vm-exit", "vm-entry"].contains(&kind.as_str()));
        assert_eq!(counts(&read["instants"]), kinds, "{name}");
        let rips: Vec<u64> = serde_json::from_value(read["rips"].clone()).unwrap();
        assert_eq!(rips.len() as u64, truth.left(), "{name}: an exit without its RIP");
        if let Some((nth, rip)) = truth.exit_in_vmcs {
            assert_eq!(rips[nth], rip, "{name}: guest RIP of exit {nth} in its VMCS");
        }
    }
}

#[test]
fn pythons_json_and_csv_read_the_others_with_the_same_counts() {
    for run in runs() {
        let Some(read) = python("texts.py", "", run.folder.path()) else { return };
        let (name, truth) = (&run.mode, &run.truth);
        assert_eq!(counts(&read["chrome"]["exits"]), truth.exits, "{name}");
        assert_eq!(read["chrome"]["ended"], truth.ended, "{name}");
        assert_eq!(counts(&read["ftrace"]["exits"]), truth.exits, "{name}");
        if let Some((nth, rip)) = truth.exit_in_vmcs {
            assert_eq!(read["ftrace"]["rips"][nth], rip, "{name}");
        }
        assert_eq!(counts(&read["stacks"]).values().sum::<u64>(), truth.cycles, "{name}");
        // perf counts an exit when the guest is entered again.
        let (json, csv) = (&read["perf_kvm"]["json"], read["perf_kvm"]["csv"].as_array().unwrap());
        let total = json["total_samples"].as_u64().unwrap();
        assert_eq!(total, truth.left() - truth.out, "{name}");
        for (row, exit) in csv.iter().zip(json["exits"].as_array().unwrap()) {
            assert_eq!(row["samples"], exit["samples"].to_string(), "{name}");
            let counted = truth.exits[exit["exit"].as_str().unwrap()];
            assert!(counted - exit["samples"].as_u64().unwrap() <= truth.out, "{name}: {exit}");
        }
        assert_eq!(csv.is_empty(), truth.left() == 0, "{name}");
    }
}

#[test]
fn a_reader_of_waveforms_sees_irr_isr_and_intr_agree() {
    for run in runs() {
        let Some(read) = python("waves.py", "vcdvcd", &run.file("vcd")) else { return };
        let (name, truth) = (&run.mode, &run.truth);
        assert_eq!((&read["left"], &read["end"]), (&truth.left().into(), &truth.end_ps.into()), "{name}");
        assert_eq!(read["pended"], truth.kinds["pending"], "{name}");
        assert_eq!(read["acknowledged"], truth.kinds["acknowledged"], "{name}");
        let c = &truth.counters;
        assert_eq!(read["packets"], serde_json::json!([c.packets_received, c.packets_sent]), "{name}");
        assert!(read["checked"].as_u64().unwrap() > 1_000 && read["timescale"] == "1E-12", "{name}");
    }
}

/// tshark on a file, with every checksum verified.
fn tshark(file: &Path, more: &[&str]) -> Option<String> {
    let mut command = Command::new("tshark");
    for protocol in ["ip", "tcp", "udp"] {
        command.args(["-o", &format!("{protocol}.check_checksum:TRUE")]);
    }
    said(command.arg("-r").arg(file).args(more))
}

#[test]
fn tshark_finds_each_checksum_right_and_each_packet_with_its_interrupt() {
    let fields =
        ["frame.interface_name", "eth.src", "ip.checksum.status", "tcp.checksum.status", "frame.comment"];
    let fields: Vec<&str> = fields.iter().flat_map(|field| ["-e", field]).collect();
    for run in runs() {
        let Some(text) = tshark(&run.file("pcapng"), &[&["-T", "fields"], &fields[..]].concat()) else {
            return;
        };
        let (mut on_wire, mut told) = ([0, 0], 0);
        for line in text.lines() {
            let [interface, from, ip, tcp, comment] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line:?}")
            };
            let inbound = from != "52:54:00:12:34:56";
            on_wire[usize::from(inbound)] += u64::from(interface == "wire");
            // What the driver gives to the NIC has the checksums that the NIC is to fill in.
            if interface == "wire" || inbound {
                assert!([ip, tcp].iter().all(|status| ["", "1"].contains(status)), "{}: {line}", run.mode);
            }
            if inbound {
                told += u64::from(run.truth.tells(comment));
            }
        }
        let c = &run.truth.counters;
        assert_eq!(on_wire[1], c.packets_received, "{}", run.mode);
        // The last may be on its way.
        assert!(on_wire[0].abs_diff(c.packets_sent) <= 1 && on_wire[0] > 1_000, "{}: {on_wire:?}", run.mode);
        assert!(told > 1_000, "{}: {told} packets name their interrupt and its exits", run.mode);
    }
}

#[test]
fn tshark_follows_the_stream_and_its_bytes_are_those_that_were_sent() {
    for run in runs() {
        let wire = run.file("wire.pcapng");
        let only = ["-Y", "frame.interface_id == 0", "-w", wire.to_str().unwrap()];
        if tshark(&run.file("pcapng"), &only).is_none() {
            return;
        }
        let text = tshark(&wire, &["-q", "-z", "follow,tcp,raw,0"]).unwrap();
        let is_hex = |line: &&str| !line.is_empty() && line.bytes().all(|b| b.is_ascii_hexdigit());
        let digits: String = text.lines().filter(is_hex).collect();
        let byte = |i: usize| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..digits.len() / 2).map(byte).collect();
        let verified = run.truth.verified_bytes as usize;
        assert!(verified > 1 << 20 && bytes.len() >= verified, "{}: {} of {verified}", run.mode, bytes.len());
        assert!(bytes == Run::stream(bytes.len()), "{}: the stream differs from what was sent", run.mode);
    }
}
