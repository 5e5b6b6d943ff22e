//! gdb itself, scripted, and clients that do not behave.

#[path = "common/two_processors.rs"]
mod two_processors;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use emulator::state::Node;
use emulator::time::Time;
use emulator::trace::Kind;
use native_runner::files;
use observe::plan::{Choice, Plan, Task};
use observe::rig::Rig;
use observe::symbols::SymbolMap;
use observe::travel::{Traveller, Until};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn missing(what: &str) {
    let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
    assert!(!required, "SKIPPED is not allowed here: {what}");
    eprintln!("SKIPPED: {what}");
}

/// The comparison, with the first mode that runs its work as a guest.
fn plan() -> Option<(Plan, Task)> {
    let scenario = files::scenario(&root().join("examples/scenarios/compare.toml")).unwrap();
    let guests =
        std::env::var_os("EXITLESS_GUESTS").map_or_else(|| root().join("target/guests"), PathBuf::from);
    match Plan::new(scenario, &Choice::default(), |name| files::guest(Some(&guests), name)) {
        Ok(plan) => {
            let task = plan.tasks().into_iter().find(|t| plan.mode(*t).module.is_some())?;
            Some((plan, task))
        }
        Err(error) => {
            missing(&error.to_string());
            None
        }
    }
}

/// `exitless gdb` on a port of its own; dropped, it ends.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(plan: &Plan, task: Task, more: &[&str]) -> Server {
        Server::of(&[&["compare", "--mode", &plan.mode(task).name], more].concat())
    }

    fn of(machine: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_exitless"))
            .args(["gdb", "--listen", "127.0.0.1:0"])
            .args(machine)
            .current_dir(root())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("target remote ").nth(1).and_then(|rest| rest.split('`').next());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_string();
        Server { child, address }
    }

    /// A connection that is answered: one that comes while another is still being noticed to be gone may be
    /// sent away, and tries again.
    fn served(&self) -> TcpStream {
        for _ in 0..100 {
            let mut stream = self.connect();
            if ask(&mut stream, "qfThreadInfo").contains("$m") {
                return stream;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("nobody is served any more");
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// What gdb prints when it is told this.
fn gdb(server: &Server, script: &[&str]) -> Option<String> {
    // A server that hangs is to fail the test, not to hold it.
    let mut command = Command::new("timeout");
    command.args([
        "300",
        "gdb",
        "-nx",
        "-q",
        "-batch",
        "-ex",
        "set pagination off",
        "-ex",
        "set language c",
        "-ex",
        "set confirm off",
        // A host that is busy answers late.
        "-ex",
        "set remotetimeout 60",
    ]);
    command.args(["-ex", &format!("target remote {}", server.address)]);
    for line in script {
        command.args(["-ex", line]);
    }
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.code() == Some(127) => {
            missing("gdb: there is none; `cargo xtask test` as root on Debian installs it");
            None
        }
        Ok(output) => Some(
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        ),
        Err(error) => {
            missing(&format!("gdb: {error}"));
            None
        }
    }
}

/// The values printed as `$n = value`.
fn values(text: &str) -> Vec<u64> {
    let value =
        |line: &str| line.strip_prefix('$')?.split_once(" = ").map(|(_, value)| value.trim().to_string());
    let number = |v: String| v.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok());
    text.lines().filter_map(value).filter_map(number).collect()
}

/// The record counts that `monitor where` printed.
fn places(text: &str) -> Vec<u64> {
    let count = |line: &str| line.split(" after ").nth(1)?.split(' ').next()?.parse().ok();
    text.lines().filter_map(count).collect()
}

/// The first delivery to the guest in the trace: its record's index and the handler's address.
fn first_delivery(plan: &Plan, task: Task) -> (u64, u64) {
    let rig = Rig::new(&plan.build(task), &plan.boot(task).unwrap()).unwrap();
    let mut traveller = Traveller::of(rig, Default::default());
    traveller.run(Until::Time(Time::ms(8)));
    let found = (0..traveller.records().len()).find_map(|i| {
        let record = traveller.record(i)?;
        (record.kind == Kind::Delivered && record.b & 0x100 != 0).then_some((i, record.a))
    });
    found.expect("the guest takes an interrupt in 8 ms")
}

#[test]
fn gdb_breaks_in_the_guests_handler_steps_back_before_the_delivery_and_goes_on() {
    let Some((plan, task)) = plan() else { return };
    let (index, handler) = first_delivery(&plan, task);
    let server = Server::start(&plan, task, &["--once"]);
    let stop = format!("break *{handler:#x}");
    let script = [
        &stop,
        "continue",
        "monitor where",
        "print/x $rip",
        "reverse-stepi",
        "monitor where",
        "print/x $rip",
        "print/x $eflags & 0x200",
        "continue",
        "monitor where",
        "print/x $rip",
        "continue",
        "reverse-continue",
        "monitor where",
        "print/x $rip",
        "x/2i $rip",
        "print/x $cr0 & 0x80000001",
        "print/x $efer & 0x500",
        "info threads",
        "monitor vmcs",
        "monitor idt",
        "monitor exits",
        "monitor help",
        "monitor vmsc",
        "kill",
    ];
    let Some(text) = gdb(&server, &script) else { return };
    let values = values(&text);
    let [hit, before, flags, again, back, cr0, efer] = values[..] else { panic!("{values:x?} in:\n{text}") };
    assert_eq!([hit, again, back], [handler; 3], "{text}");
    assert!(before != handler && flags == 0x200, "still in the handler, or interrupts were off: {text}");
    assert_eq!((cr0, efer), (0x8000_0001, 0x500), "{text}");
    let places = places(&text);
    assert_eq!(places.len(), 4, "{text}");
    assert!(places[0] > index && places[1] <= index, "record {index}: {places:?}");
    assert_eq!((places[2], places[3]), (places[0], places[0]), "{text}");
    for expected in ["processor 0, guest", "Guest RIP", "EXTERNAL_INTERRUPT", "did you mean `vmcs`?", "0x41"]
    {
        assert!(text.to_lowercase().contains(&expected.to_lowercase()), "no {expected} in:\n{text}");
    }
}

/// Where the first delivery leads, and what the machine is there.
fn at_the_handler(plan: &Plan, task: Task) -> (u64, Traveller) {
    let (index, handler) = first_delivery(plan, task);
    let rig = Rig::new(&plan.build(task), &plan.boot(task).unwrap()).unwrap();
    let mut traveller = Traveller::of(rig, Default::default());
    traveller.run(Until::Time(Time::ms(8)));
    traveller.seek_event(index + 1);
    (handler, traveller)
}

#[test]
fn gdb_reads_every_register_as_the_machine_has_it() {
    let Some((plan, task)) = plan() else { return };
    let (handler, traveller) = at_the_handler(&plan, task);
    let (tree, state) = (traveller.machine().inspect_processor(0), traveller.machine().registers(0));
    let at = |path: &str| match tree.find(path) {
        Some(Node::Value { value, .. }) => *value,
        other => panic!("{path}: {other:?}"),
    };
    assert_eq!(state.rip, handler);
    let mut expected =
        vec![("rip", state.rip), ("rsp", state.regs[4]), ("rdi", state.regs[7]), ("r15", state.regs[15])];
    for (i, name) in
        ["es_base", "cs_base", "ss_base", "ds_base", "fs_base", "gs_base"].into_iter().enumerate()
    {
        expected.push((name, state.seg_base[i]));
    }
    for (name, path) in [
        ("cs", "segments/CS/selector"),
        ("cr0", "control/CR0"),
        ("cr2", "control/CR2"),
        ("cr3", "control/CR3"),
        ("cr4", "control/CR4"),
        ("efer", "control/IA32_EFER"),
        ("idtr_base", "control/IDTR.base"),
        ("gdtr_base", "control/GDTR.base"),
    ] {
        expected.push((name, at(path)));
    }
    expected.push(("cr8", u64::from(traveller.machine().task_priority(0) >> 4)));
    expected.push(("mxcsr", state.mxcsr.into()));
    // Written, a register of the vector file reads back; and only then is the history another one.
    expected.extend([("xmm3.uint128", 0x1234_5678_9abc), ("rbx", 0xfeed)]);
    let server = Server::start(&plan, task, &["--once"]);
    let mut script = vec![format!("break *{handler:#x}"), "continue".to_string()];
    script.push("print $xmm3.uint128 = 0x123456789abc".to_string());
    script.push("print $rbx = 0xfeed".to_string());
    script.extend(expected.iter().map(|(name, _)| format!("print/x ${name}")));
    script.push("kill".to_string());
    let Some(text) = gdb(&server, &script.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    let expected: Vec<u64> = expected.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values(&text), expected, "{text}");
}

#[test]
fn symbols_load_by_themselves_and_every_kind_of_stop_works_both_ways() {
    let Some((plan, task)) = plan() else { return };
    let (handler, traveller) = at_the_handler(&plan, task);
    let names = SymbolMap::of(&plan.boot(task).unwrap());
    let symbol = &names.guest.at(handler).unwrap().0.name;
    let slot = traveller.machine().registers(0).regs[4] - 0x40;
    let mode = plan.mode(task);
    let host = format!("file target:/{}", mode.image);
    let script = [
        &format!("info symbol {handler:#x}"),
        &format!("hbreak *{handler:#x}"),
        "continue",
        &format!("watch *(long*){slot:#x}"),
        "print/x $rip",
        "continue",
        "reverse-continue",
        "print/x $rip",
        "delete",
        &format!("rwatch *(long*){:#x}", slot + 0x40),
        "continue",
        "delete",
        &format!("awatch *(long*){:#x}", slot + 0x40),
        "reverse-continue",
        "delete",
        &format!("tbreak *{handler:#x}"),
        "continue",
        "stepi",
        "stepi",
        "reverse-stepi",
        "reverse-stepi",
        "print/x $rip",
        "monitor world host",
        &host,
        "info symbol 0x200000",
        "break vmx_exit",
        "continue",
        "info threads",
        "print/x $rip",
        "reverse-continue",
        "monitor apic",
        "monitor iommu",
        "monitor nic",
        "monitor vmcs",
        "monitor exits",
        "monitor idt 0x51",
        "monitor idt 256",
        "monitor help",
        "kill",
    ];
    let Some(text) = gdb(&Server::start(&plan, task, &["--once"]), &script) else { return };
    let exits = names.root.find("vmx_exit").expect("where the host goes on after an exit").address;
    assert_eq!(values(&text), [handler, handler, handler, exits], "{text}");
    for expected in [
        &format!("{symbol} + "),
        "Hardware assisted breakpoint 1",
        "Hardware watchpoint 2: *(long*)",
        "New value = ",
        "Hardware read watchpoint 3: *(long*)",
        "Hardware access (read/write) watchpoint 4: *(long*)",
        "Temporary breakpoint 5, ",
        "the host is debugged",
        "image_start in section .text",
        "processor 0, root",
        "in vmx_exit ()",
        "ISR",
        "RTADDR = 0x",
        "82599",
        "LINKS = 0x",
        "Guest RIP",
        "EXTERNAL_INTERRUPT",
        "0x51 ",
        "`256` is no vector",
        "monitor goto",
    ] {
        assert!(text.to_lowercase().contains(&expected.to_lowercase()), "no {expected} in:\n{text}");
    }
}

/// Sends a packet, and returns what comes back within a moment.
fn ask(stream: &mut TcpStream, packet: &str) -> String {
    let sum = packet.bytes().fold(0u8, u8::wrapping_add);
    if stream.write_all(format!("${packet}#{sum:02x}").as_bytes()).is_err() {
        return String::new();
    }
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.contains(&b'#') && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        answer.push(byte[0]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn clients_that_vanish_or_talk_nonsense_leave_the_machine_whole() {
    let Some((plan, task)) = plan() else { return };
    let server = Server::start(&plan, task, &[]);
    let threads = |stream: &mut TcpStream| ask(stream, "qfThreadInfo");
    for nonsense in
        [&b"$m2000"[..], b"\xff\x00\x03$#", b"$qSupported:#00", b"$vCont;s:99#zz+++---", b"\x03\x03"]
    {
        let mut stream = server.connect();
        stream.write_all(nonsense).unwrap();
    }
    let mut first = server.served();
    let mut second = server.connect();
    assert_eq!(second.read(&mut [0; 16]).unwrap_or(0), 0, "the second client is sent away");
    assert!(threads(&mut first).contains("$m"), "and the first is not disturbed");
    first.write_all(b"$c#63").unwrap();
    drop(first);
    let mut third = server.served();
    assert!(threads(&mut third).contains("$m"), "served after one vanished while the machine ran");
}

#[test]
fn a_thread_that_does_not_exist_has_no_registers_and_the_next_one_has() {
    let Some((plan, task)) = plan() else { return };
    let server = Server::start(&plan, task, &[]);
    let mut stream = server.served();
    for packet in ["Hg5", "g", "qThreadExtraInfo,5", "Hg100", "g"] {
        let answer = ask(&mut stream, packet);
        assert!(answer.contains('$') && answer.len() < 64, "{packet}: {answer}");
    }
    assert!(ask(&mut stream, "Hg1").contains("$OK"));
    assert!(ask(&mut stream, "g").len() > 64, "the first processor's registers");
}

/// A server of two processors, and the folder where its image is.
fn two_processors_served(more: &[&str]) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("two");
    std::fs::write(&image, two_processors::image(two_processors::PERIODS)).unwrap();
    let machine = ["--elf", image.to_str().unwrap(), "--cpus", "2", "--memory", "16MiB"];
    (Server::of(&[&machine[..], more].concat()), folder)
}

#[test]
fn gdb_has_a_thread_for_each_processor_and_stops_whichever_meets_a_breakpoint() {
    use two_processors::{POKE, TICK};
    let (server, _folder) = two_processors_served(&["--once"]);
    let script = [
        "break poke",
        "continue",
        "info threads",
        "print/x $rip",
        "print $_thread",
        "monitor where",
        "thread 1",
        "print/x $rip >= 0x200000 && $rip < 0x201000",
        "thread 2",
        "stepi",
        "print $_thread",
        "print/x $rip",
        "reverse-stepi",
        "print/x $rip",
        "delete",
        "break tick thread 1",
        "continue",
        "print $_thread",
        "print/x $rip",
        "stepi",
        "print/x $rip",
        "reverse-stepi",
        "print/x $rip",
        "delete",
        "break poke",
        "reverse-continue",
        "print $_thread",
        "print/x $rip",
        "watch *(long*)0x207010",
        "continue",
        "print $_thread",
        "print/x *(long*)0x207010",
        "monitor apic 1",
        "monitor idt 0x40 cpu1",
        "monitor apic 2",
        "thread 3",
        "kill",
    ];
    let Some(text) = gdb(&server, &script) else { return };
    let said: Vec<&str> =
        text.lines().filter_map(|l| l.strip_prefix('$')?.split_once(" = ")).map(|p| p.1).collect();
    let (tick, poke) = (format!("{TICK:#x}"), format!("{POKE:#x}"));
    let (tick, poke) = (tick.as_str(), poke.as_str());
    let after = [format!("{:#x}", TICK + 1), format!("{:#x}", POKE + 1)];
    let expected =
        [poke, "2", "0x1", "2", &after[1], poke, "1", tick, &after[0], tick, "2", poke, "2", "0x1"];
    assert_eq!(said, expected, "{text}");
    for expected in [
        "processor 0, root",
        "processor 1, root",
        "processor 0: root, RIP 0x",
        "processor 1: root, RIP 0x203000 poke",
        "Local APIC 1",
        "0x40  0x0000000000202000  tick",
        "`2` is no processor; expected 0 to 1",
        "Unknown thread 3.",
    ] {
        assert!(text.contains(expected), "no {expected} in:\n{text}");
    }
}

#[test]
fn a_thread_that_does_not_exist_is_neither_stepped_nor_run_nor_taken_back() {
    let (server, _folder) = two_processors_served(&[]);
    let mut stream = server.served();
    // Before the registers come an acknowledgement and the rest of the last answer's checksum.
    let at = |stream: &mut TcpStream| ask(stream, "g").split_once('$').map(|answer| answer.1.to_string());
    assert!(ask(&mut stream, "Hg2").contains("OK") && at(&mut stream).is_some_and(|g| g.len() > 64));
    assert!(ask(&mut stream, "T2").contains("OK") && ask(&mut stream, "T3").contains("$E"));
    let before = at(&mut stream);
    for packet in ["vCont;s:3", "vCont;c:9", "vCont;s:3;c:1"] {
        assert!(ask(&mut stream, packet).contains("T05thread"), "{packet}");
        assert!(ask(&mut stream, "Hg2").contains("OK"));
        assert_eq!(at(&mut stream), before, "something moved: {packet}");
    }
    assert!(ask(&mut stream, "Hc3").contains("OK"));
    assert!(ask(&mut stream, "bs").contains("T05thread"));
    assert!(ask(&mut stream, "Hg2").contains("OK"));
    assert_eq!(at(&mut stream), before, "something moved");
    assert!(ask(&mut stream, "vCont;s:1").contains("T05thread:"));
}
