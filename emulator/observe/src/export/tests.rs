//! One short run in every format. The texts below are what the formats' own documents ask for;
//! readers that are not ours are asked in `native-runner/tests/readers.rs`.

use emulator::time::Time;
use emulator::trace::{ExitFacts, Kind, LifeId, Origin, Record};
use emulator::vmx::ExitReason;

use super::*;

/// A device's interrupt that leaves the guest and comes back by injection, with its packet.
fn run() -> Vec<(u64, Kind, u32, u64, u64)> {
    let device = Origin::Device { source: 0x18, vector: 0 }.words();
    vec![
        (1_000_000, Kind::VmEntry, 0, 0, 0x1000),
        (1_500_000, Kind::PacketReceived, 0, 60, 0),
        (2_000_000, Kind::Raised, 1, device.0, device.1),
        (2_100_000, Kind::Message, 1, 0xfee0_0210, 0),
        (2_200_000, Kind::Remapped, 1, 16, 0x61),
        (2_300_000, Kind::Pending, 1, 0, 0x61),
        (2_400_000, Kind::Acknowledged, 1, 1, 0x61),
        (2_500_500, Kind::VmExit, 1, 3 << 32 | 1, 0),
        (4_000_000, Kind::Eoi, 1, 0, 0x61),
        (4_500_750, Kind::VmEntry, 0, 0x8000_0051, 0x1004),
        (4_500_750, Kind::Injected, 1, 0x8000_0051, 0),
        (4_600_000, Kind::Delivered, 1, 0x2000, 0x151),
        (5_000_000, Kind::VmExit, 1, 3 << 32 | 32, 0),
        (5_000_000, Kind::VirtualEoi, 1, 0, 0x51),
        (6_000_000, Kind::VmEntry, 0, 0, 0x2010),
    ]
}

fn export(format: Format) -> Vec<u8> {
    let facts = Facts { title: "a run".into(), writer: "test 1".into(), cpus: 1, tsc_hz: 1_000_000_000 };
    let (mut exporter, mut out) = (format.exporter(&facts), Vec::new());
    exporter.begin(&mut out);
    let frame = |point| Tapped { time: 1_900_000, point, inbound: true, bytes: vec![0xab; 61] };
    let facts = |rip| ExitFacts {
        reason: ExitReason(1),
        qualification: 0,
        interruption: 0x8000_0061,
        error_code: 0,
        vectoring: 0,
        msr: 0,
        rip,
    };
    let sample = Sample { time: 5_000_000, cpu: 0, mode: "guest", symbol: "fn of; x", cycles: 7 };
    for (time, kind, life, a, b) in run() {
        let record = Record { time: Time(time), a, b, life: LifeId(life), kind, cpu: 0 };
        if kind == Kind::VmExit {
            exporter.event(&Event::Exit(&facts(0x1004)), &mut out);
        }
        exporter.event(&Event::Record(&record), &mut out);
        if kind == Kind::PacketReceived {
            exporter.event(&Event::Frame(&frame(Point::Wire)), &mut out);
            exporter.event(&Event::Frame(&frame(Point::Guest)), &mut out);
        }
        exporter.event(&Event::Sample(&sample), &mut out);
    }
    exporter.finish(7_000_000, &mut out);
    out
}

fn text(format: Format) -> String {
    String::from_utf8(export(format)).unwrap()
}

#[test]
fn perf_kvm_has_perfs_table() {
    let expected = "\n\nAnalyze events for all VMs, all VCPUs:\n\n             \
        VM-EXIT    Samples  Samples%     Time%    Min Time    Max Time         Avg time \n\n  \
        EXTERNAL_INTERRUPT          1    50.00%    66.67%      2.00us      2.00us      2.00us ( +-   0.00% )\n           \
        MSR_WRITE          1    50.00%    33.33%      1.00us      1.00us      1.00us ( +-   0.00% )\n\n\
        Total Samples:2, Total events handled time:3.00us.\n\n";
    assert_eq!(text(Format::PerfKvm), expected);
}

#[test]
fn perf_kvm_as_csv_and_json_has_the_same_figures() {
    let csv = text(Format::PerfKvmCsv);
    assert!(csv.contains("EXTERNAL_INTERRUPT,1,50.0000,66.6667,2000,2000,2000,2000.000,0.0000\n"), "{csv}");
    let json = text(Format::PerfKvmJson);
    assert!(json.contains("\"total_ns\": 3000") && json.contains("\"exit\": \"MSR_WRITE\""), "{json}");
}

#[test]
fn stacks_are_one_line_each_with_a_count() {
    assert_eq!(text(Format::Stacks), "guest;fn_of:_x 105\n");
}

#[test]
fn ftrace_has_kvms_events() {
    let text = text(Format::Ftrace);
    let lines: Vec<_> = text.lines().filter(|l| !l.starts_with('#')).map(str::trim_start).collect();
    let exit = "vcpu0-1       [000] d.... 0.000002500: kvm_exit: vcpu 0 reason EXTERNAL_INTERRUPT \
        rip 0x1004 info1 0x0000000000000000 info2 0x0000000000000000 intr_info 0x80000061 error_code 0x00000000";
    assert!(lines.contains(&exit), "{text}");
    let inject = "vcpu0-1       [000] d.... 0.000004500: kvm_inj_virq: IRQ 0x51";
    assert!(lines.contains(&inject), "{text}");
    assert_eq!(lines.iter().filter(|l| l.contains("kvm_entry")).count(), 3);
}

#[test]
fn vcd_shows_irr_isr_intr_and_guest_mode() {
    let text = text(Format::Vcd);
    let code = |name: &str| {
        let line = text.lines().find(|l| l.contains(&format!(" {name} "))).unwrap();
        line.split_whitespace().nth(3).unwrap().to_string()
    };
    let (_, body) = text.split_once("$enddefinitions $end\n").unwrap();
    let at = |time: u64| {
        let from = body.find(&format!("#{time}\n")).unwrap();
        let rest = &body[from + 1..];
        rest[..rest.find("\n#").map_or(rest.len(), |i| i + 1)].to_string()
    };
    assert!(at(1_000_000).contains(&format!("1{}\n", code("in_guest"))));
    assert!(at(2_300_000).contains(&format!("1{}\n", code("irr_61"))));
    assert!(at(2_300_000).contains(&format!("1{}\n", code("intr"))));
    assert!(at(2_400_000).contains(&format!("b1100001 {}\n", code("vector_in_service"))));
    assert!(at(2_500_500).contains(&format!("0{}\n", code("in_guest"))));
    assert!(at(4_000_000).contains(&format!("0{}\n", code("isr_61"))));
    assert!(text.ends_with("#7000000\n"));
}

#[test]
fn chrome_slices_do_not_overlap_and_the_flow_begins_and_ends_once() {
    let text = text(Format::Chrome);
    assert!(text.starts_with("{\"displayTimeUnit\":\"ns\"") && text.ends_with("\n]}\n"));
    let exit =
        r#"{"ph":"X","name":"EXTERNAL_INTERRUPT","cat":"host","pid":1,"tid":0,"ts":2.500500,"dur":2.000250}"#;
    assert!(text.contains(exit), "{text}");
    assert_eq!(text.matches(r#""ph":"s""#).count(), 1);
    assert_eq!(text.matches(r#""dur""#).count(), 6);
}

#[test]
fn a_packet_names_its_interrupt_and_its_exits() {
    let bytes = export(Format::Pcapng);
    let mut at = 0;
    let mut kinds = Vec::new();
    while at < bytes.len() {
        let word = |i: usize| u32::from_le_bytes(bytes[i..i + 4].try_into().unwrap());
        let (kind, length) = (word(at), word(at + 4) as usize);
        assert_eq!((length % 4, word(at + length - 4) as usize), (0, length));
        kinds.push(kind);
        at += length;
    }
    assert_eq!(kinds, [0x0a0d_0d0a, 1, 1, 6, 6]);
    let comment = b"interrupt nic:1, vector 0x61, 2 exits; EOI through the host";
    assert_eq!(bytes.windows(comment.len()).filter(|w| w == comment).count(), 2, "on the wire and in memory");
}

#[test]
fn perfetto_opens_and_closes_each_slice() {
    let bytes = export(Format::Perfetto);
    let (mut begun, mut ended, mut rest) = (0, 0, &bytes[..]);
    while let Some((1, packet)) = field(&mut rest) {
        let mut packet = packet;
        while let Some((number, value)) = field(&mut packet) {
            if number == 11 {
                let mut event = value;
                while let Some((number, value)) = field(&mut event) {
                    begun += u32::from(number == 9 && value == [1]);
                    ended += u32::from(number == 9 && value == [2]);
                }
            }
        }
    }
    assert_eq!((begun, ended), (6, 6));
}

/// The next field: its number, and its bytes (of a varint: the encoding).
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u64, &'a [u8])> {
    let key = varint(rest)?;
    let before = *rest;
    let length = match key & 7 {
        0 => {
            varint(rest)?;
            before.len() - rest.len()
        }
        1 => 8,
        _ => varint(rest)? as usize,
    };
    let start = if key & 7 == 0 { before } else { *rest };
    let (value, after) = start.split_at(length);
    *rest = after;
    Some((key >> 3, value))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

#[test]
fn an_unknown_format_is_refused_with_those_there_are() {
    let error = "vhs".parse::<Format>().unwrap_err();
    assert!(error.contains("`vhs`") && error.contains("perfetto, chrome"), "{error}");
    for (format, name, ..) in FORMATS {
        assert_eq!(name.parse(), Ok(format));
    }
}

#[test]
fn no_exporter_knows_another() {
    let sources = [
        ("chrome", include_str!("chrome.rs")),
        ("ftrace", include_str!("ftrace.rs")),
        ("pcapng", include_str!("pcapng.rs")),
        ("perf_kvm", include_str!("perf_kvm.rs")),
        ("perfetto", concat!(include_str!("perfetto/mod.rs"), include_str!("perfetto/proto.rs"))),
        ("stacks", include_str!("stacks.rs")),
        ("vcd", include_str!("vcd.rs")),
    ];
    for (name, source) in sources {
        for (other, _) in sources.iter().filter(|(other, _)| *other != name) {
            assert!(!source.contains(&format!("{other}::")), "{name} uses {other}");
        }
    }
}
