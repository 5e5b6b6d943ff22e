//! One history, wherever it is cut.

use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::time::Time;
use iced_x86::code_asm::*;

use crate::lab::*;

/// Processors that send each other interrupts, take each other's memory, and sleep for a while by their timers.
fn busy(config: &Config) -> Machine {
    let body = |a: &mut CodeAssembler| {
        a.sti()?;
        a.mov(si, 40)?;
        let mut again = a.create_label();
        a.set_label(&mut again)?;
        a.lock().xadd(word_ptr(DATA), si)?;
        a.and(si, 0x3f)?;
        send(a, 0xc_4041, 0)?;
        // The local APIC's timer, once, after 3000 of its ticks.
        a.mov(ecx, 0x832)?;
        a.mov(eax, 0x51)?;
        a.xor(edx, edx)?;
        a.wrmsr()?;
        a.mov(ecx, 0x838)?;
        a.mov(eax, 3_000)?;
        a.wrmsr()?;
        a.hlt()?;
        a.rdtsc()?;
        a.add(word_ptr(DATA + 2), ax)?;
        a.cmp(word_ptr(DATA), 3_000)?;
        a.jb(again)?;
        idle(a)
    };
    let first = |a: &mut CodeAssembler| {
        start(a, config.cpus - 1)?;
        body(a)
    };
    machine(config, &first, &body)
}

/// Runs to the end by budgets that `next` makes of the machine; its hashes then.
fn hashes(config: &Config, mut next: impl FnMut(&mut Machine) -> Budget) -> (u64, u64, u64, Time) {
    let mut machine = busy(config);
    for _ in 0..1_000_000 {
        let budget = next(&mut machine);
        match machine.run(budget) {
            Stop::Budget => {}
            Stop::Halted { .. } => {
                return (machine.trace_hash(), machine.state_hash(), machine.retired(), machine.now());
            }
            stop => panic!("{stop}"),
        }
        assert!(machine.now() < Time::ms(50), "it ends");
    }
    panic!("it does not end");
}

#[test]
fn cuts_and_blocks_and_snapshots_show_in_nothing() {
    for cpus in [2, 4] {
        let config = config(cpus);
        let whole = hashes(&config, |_| Budget::UNLIMITED);
        assert!(whole.2 > 5_000, "it does something: {whole:?}");
        assert_eq!(hashes(&config, |m| Budget::until(m.now().plus(Time::ns(377)))), whole, "by time");
        assert_eq!(hashes(&config, |_| Budget::instructions(1)), whole, "step by step");
        assert_eq!(hashes(&config, |_| Budget::instructions(997)), whole, "by instructions");
        assert_eq!(hashes(&config, |m| Budget::events(m.events() + 1)), whole, "by records");
        for block_limit in [1, 7] {
            let config = Config { block_limit, ..config.clone() };
            assert_eq!(hashes(&config, |_| Budget::UNLIMITED), whole, "blocks of {block_limit}");
        }
        let restored = hashes(&config, |machine| {
            let here = machine.snapshot();
            machine.run(Budget::instructions(1_000));
            machine.restore(&here);
            Budget::until(machine.now().plus(Time::us(5)))
        });
        assert_eq!(restored, whole, "with snapshots");
    }
}

#[test]
fn time_never_falls_and_a_run_ends_where_it_is_told() {
    let mut machine = busy(&config(4));
    let mut last = Time::ZERO;
    for n in 1..2_000u64 {
        let until = Time::ns(n * 613);
        match machine.run(Budget::until(until)) {
            Stop::Budget => assert!(machine.now() >= until && machine.now() >= last),
            stop => return assert!(matches!(stop, Stop::Halted { .. }), "{stop}"),
        }
        assert!(machine.now() < until.plus(Time::us(1)), "not far beyond {until}: {}", machine.now());
        last = machine.now();
    }
}

#[test]
fn the_quantum_is_part_of_the_configuration() {
    let with = |quantum| hashes(&Config { quantum, ..config(2) }, |_| Budget::UNLIMITED);
    assert_ne!(with(Time::us(1)), with(Time::us(3)));
    for quantum in [Time::ns(1), Time::ms(2)] {
        assert!(Machine::new(&Config { quantum, ..config(2) }).is_err());
    }
}
