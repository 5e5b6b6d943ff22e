//! Boots an ELF image and prints its console: `boot IMAGE CMDLINE MS [MODULE MODULE_CMDLINE]`.
use emulator::machine::{Budget, Config, Machine, Module};
use emulator::peer::{PeerConfig, Workload};
use emulator::time::Time;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let image = std::fs::read(&args[1]).unwrap();
    let cmdline = args.get(2).cloned().unwrap_or_default();
    let ms: u64 = args.get(3).map_or(20, |s| s.parse().unwrap());
    let mut config = Config::default_pc();
    let full = args[2..].join(" ");
    let workload = if full.contains("workload=stream") {
        Workload::Stream
    } else if full.contains("workload=http") {
        Workload::Http
    } else if full.contains("workload=kv") {
        Workload::KeyValue
    } else {
        Workload::RequestResponse
    };
    config.ring = 100;
    config.peer = PeerConfig { workload, ..PeerConfig::default() };
    let mut machine = Machine::new(&config).unwrap();
    let module = args.get(4).map(|p| std::fs::read(p).unwrap());
    let mcmd = args.get(5).cloned().unwrap_or_default();
    let modules: Vec<Module> = module.iter().map(|d| Module { data: d, cmdline: &mcmd }).collect();
    machine.load_elf(&image, &cmdline, &modules).unwrap();
    let start = Instant::now();
    let stop = machine.run(Budget::until(Time::ms(ms)));
    let t = start.elapsed().as_secs_f64();
    print!("{}", String::from_utf8_lossy(&machine.take_console()));
    println!(
        "stop: {stop} at {} retired {} host {:.3} s = {:.1} MIPS",
        machine.now(),
        machine.retired(),
        t,
        machine.retired() as f64 / t / 1e6
    );
    let r = machine.peer_report();
    println!(
        "ops {} bytes {} errors {} {:?} lat avg {} n {} retrans {} resets {} conns {} rx {} tx {}",
        r.operations,
        r.bytes,
        r.errors,
        r.first_error,
        r.latency_sum.checked_div(r.latency_count).unwrap_or(0),
        r.latency_count,
        r.retransmissions,
        r.resets,
        r.tcp_connections,
        r.frames_received,
        r.frames_sent
    );
    println!("{:?}", machine.counters().named().iter().filter(|(_, v)| *v != 0).collect::<Vec<_>>());
    if std::env::var("TAIL").is_ok() {
        for r in machine.take_records() {
            println!("{} {} life {} a {:#x} b {:#x}", r.time, r.kind.name(), r.life.0, r.a, r.b);
        }
    }
    if std::env::var("INSPECT").is_ok() {
        println!("{:#?}", machine.inspect().find("cpu0/registers"));
    }
}
