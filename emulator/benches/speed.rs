//! Guest instructions per host second: integer work of several kinds, and the network guest's stream.
//!
//! Criterion's throughput is retired guest instructions. Needs the images of `cargo xtask guests`.

#[path = "../tests/common/mod.rs"]
mod common;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use emulator::machine::{Budget, Config, Machine};
use emulator::peer::Workload;
use emulator::time::Time;

const PARTS: [&str; 7] = ["sieve", "crc32", "sort", "matmul", "memcpy", "chase", "icall"];
const INSTRUCTIONS: u64 = 20_000_000;

fn integer(criterion: &mut Criterion) {
    let Some(image) = common::image("bench") else { return };
    let mut group = criterion.benchmark_group("integer");
    group.sample_size(10);
    for part in PARTS {
        let line = format!("part={part} rounds=1000");
        let machine = || {
            let mut machine = Machine::new(&Config::default_pc()).expect("a machine of the default size");
            machine.load_elf(&image, &line, &[]).expect("the image loads");
            machine
        };
        let run = |mut machine: Machine| {
            // A string instruction is one instruction however long it is: time bounds those.
            machine.run(Budget::until(Time::ms(15)).and_instructions(INSTRUCTIONS));
            machine
        };
        group.throughput(Throughput::Elements(run(machine()).retired()));
        group.bench_function(part, |b| b.iter_batched(machine, run, BatchSize::PerIteration));
    }
    group.finish();
}

fn stream(criterion: &mut Criterion) {
    let Some(image) = common::image("netguest") else { return };
    let config = common::config(Workload::Stream, 1);
    let mut warm = common::bare(&config, &image, "");
    warm.run(Budget::until(Time::ms(10)));
    let snapshot = warm.snapshot();
    let start = warm.retired();
    warm.run(Budget::until(Time::ms(20)));
    let mut group = criterion.benchmark_group("stream");
    group.sample_size(10);
    group.throughput(Throughput::Elements(warm.retired() - start));
    group.bench_function("bare machine, 10 virtual ms", |b| {
        b.iter(|| {
            warm.restore(&snapshot);
            warm.run(Budget::until(Time::ms(20)))
        });
    });
    group.finish();
}

criterion_group!(benches, integer, stream);
criterion_main!(benches);
