//! Millions of guest instructions per second of host CPU, natively and in WebAssembly, with several ways of
//! dispatching operations compared on the same work.
//!
//! Criterion's throughput is retired guest instructions, its time that of the processor, not of the wall. A
//! table of the best of ten samples each follows. Needs what `cargo xtask bench` builds; what is missing is told.

#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../dispatch/mod.rs"]
mod dispatch;
mod place;
mod table;
mod work;

use std::cell::RefCell;
use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use place::Place;
use table::Table;

/// Instructions that one iteration runs.
const SLICE: u64 = 4_000_000;

fn speed(criterion: &mut Criterion) {
    let mut places = [Some(place::native()), place::wasm()];
    let table = RefCell::new(Table::default());
    for work in work::all() {
        let mut group = criterion.benchmark_group(work.name.clone());
        group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(SLICE));
        group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
        for place in places.iter_mut().flatten() {
            for (number, way) in dispatch::WAYS.iter().enumerate() {
                group.bench_function(format!("{} {way}", place.name()), |b| {
                    place.boot(&work);
                    b.iter_custom(|slices| {
                        let time = run(place.as_mut(), &work, number, slices);
                        table.borrow_mut().add(&work.name, place.name(), way, SLICE * slices, time);
                        time
                    });
                });
            }
        }
        group.finish();
    }
    table.borrow().print();
}

/// Runs so many slices. A guest that has done its work is booted anew, which is not measured.
fn run(place: &mut dyn Place, work: &work::Work, way: usize, slices: u64) -> Duration {
    let (mut time, mut left) = (Duration::ZERO, slices * SLICE);
    while left > 0 {
        let ran = place.run(way, left.min(SLICE));
        time += ran.time;
        left = left.saturating_sub(ran.retired);
        if !ran.goes_on {
            place.boot(work);
        }
    }
    time
}

criterion_group!(benches, speed);
criterion_main!(benches);
