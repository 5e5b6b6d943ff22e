//! gdb itself, scripted, and clients that do not behave.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use emulator::time::Time;
use emulator::trace::Kind;
use native_runner::files;
use observe::plan::{Choice, Plan, Task};
use observe::rig::Rig;
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
        let mut child = Command::new(env!("CARGO_BIN_EXE_exitless"))
            .args(["gdb", "compare", "--listen", "127.0.0.1:0", "--mode", &plan.mode(task).name])
            .args(more)
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
    let mut command = Command::new("gdb");
    command.args(["-nx", "-q", "-batch", "-ex", "set pagination off", "-ex", "set confirm off"]);
    command.args(["-ex", &format!("target remote {}", server.address)]);
    for line in script {
        command.args(["-ex", line]);
    }
    match command.stdin(Stdio::null()).output() {
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
