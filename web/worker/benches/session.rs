//! How long a frame takes with everything open, how fast the pair runs, and what moving about costs.
//! `cargo bench -p lab-worker`; figures are printed, nothing is asserted.

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::{Duration, Instant};

use common::{does, everything, loaded};
use lab_protocol::*;

fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn report(what: &str, times: Vec<Duration>) {
    println!("{what}: median {:?}, p95 {:?}", percentile(times.clone(), 50), percentile(times, 95));
}

fn main() {
    let start = Instant::now();
    let Some((mut session, first)) = loaded() else {
        println!("guests are not built: cargo xtask guests");
        return;
    };
    println!(
        "power-on to the first moment, both machines and the look ahead: {:?}, {:.2} s of the processor",
        start.elapsed(),
        processor_time() / 100.0
    );

    const SPAN: u64 = 20_000_000_000;
    let begin = first.sides[0].time;
    session.command(2, Command::Watch(Box::new(everything(begin, begin + SPAN))));
    session.command(3, Command::Run { speed: 0 });
    let start = Instant::now();
    let mut frames = Vec::new();
    let mut working = Duration::ZERO;
    let before = processor_time();
    loop {
        let piece = Instant::now();
        session.work(200_000);
        working += piece.elapsed();
        let piece = Instant::now();
        let frame = session.frame();
        frames.push(piece.elapsed());
        if frame.sides[0].time >= begin + SPAN {
            println!("a frame with everything open has {} bytes", encode(&frame).len());
            break;
        }
    }
    let ms = SPAN as f64 / 1e9;
    println!(
        "{ms} ms of the pair and its reference in {working:?}: {:.1} ms a second",
        ms / working.as_secs_f64()
    );
    println!(
        "with a frame for each 0.2 million instructions: {:?}, {:.2} s of the processor",
        start.elapsed(),
        (processor_time() - before) / 100.0
    );
    report("a frame with everything open, running", frames);
    let frame = does(&mut session, Command::Pause);
    let again = (0..200).map(|_| timed(|| drop(session.frame()))).collect();
    report("a frame with everything open, after 20 ms", again);
    for (from, to, what) in
        [(0, u64::MAX / 2, "the whole run"), (begin + SPAN / 2, begin + SPAN / 2 + 1_000_000, "1 us")]
    {
        let mut views = everything(from, if to > SPAN * 4 { frame.sides[0].end.0 } else { to });
        views.inspect = None;
        session.command(4, Command::Watch(Box::new(views)));
        report(
            &format!("a frame, timeline over {what}"),
            (0..200).map(|_| timed(|| drop(session.frame()))).collect(),
        );
    }
    let whole = everything(begin, begin + SPAN);
    let none = Views::default();
    let alone = [
        ("nothing open", none.clone()),
        ("the timeline", Views { timeline: whole.timeline, ..none.clone() }),
        ("the log", Views { log: whole.log, ..none.clone() }),
        ("the inspectors", Views { inspect: whole.inspect.clone(), ..none.clone() }),
        ("the code", Views { code: whole.code, ..none.clone() }),
        ("the plots", Views { plots: whole.plots, ..none.clone() }),
        ("everything", whole),
    ];
    for (what, views) in alone {
        session.command(4, Command::Watch(Box::new(views)));
        let before = processor_time();
        (0..300).for_each(|_| drop(session.frame()));
        println!(
            "a frame with {what} takes {:.2} ms of the processor",
            (processor_time() - before) * 10.0 / 300.0
        );
    }
    let back = |step| Command::Step { side: 0, step, back: true };
    let steps = (0..200).map(|_| timed(|| drop(does(&mut session, back(Step::Instruction))))).collect();
    report("a step back by an instruction, both machines", steps);
    let steps = (0..100).map(|_| timed(|| drop(does(&mut session, back(Step::Event))))).collect();
    report("a step back by an event, both machines", steps);
    let jumps = (0..100u32).map(|i| {
        let anchor = format!("nic:{}", 60 + i * 7919 % 1_000);
        timed(|| drop(does(&mut session, Command::Seek { side: 0, anchor })))
    });
    report("a jump, both machines", jumps.collect());
    println!("history: {} MiB", session.frame().history_bytes >> 20);
}

/// User time of this process in hundredths of a second; 0 where the system does not say.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
