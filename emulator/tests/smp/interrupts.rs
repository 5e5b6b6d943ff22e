//! INIT, start-up IPIs and interprocessor interrupts (SDM 3A 9.4, 11.6).

use emulator::machine::Machine;
use emulator::time::Time;
use emulator::trace::Kind;

use crate::lab::*;

/// Four processors; once the others wait for interrupts, the first runs the commands.
fn commanded(commands: &[(u32, u32)]) -> Machine {
    let first = |a: &mut iced_x86::code_asm::CodeAssembler| {
        start(a, 3)?;
        for (low, destination) in commands {
            send(a, *low, *destination)?;
        }
        idle(a)
    };
    let mut machine = machine(&config(4), &first, &idle);
    machine.keep_records(1 << 12);
    run(&mut machine);
    machine
}

/// How often each processor's handler of the vector ran.
fn counts(machine: &Machine, vector: u8) -> [u16; 4] {
    [0, 1, 2, 3].map(|cpu| count(machine, cpu, vector))
}

#[test]
fn processors_wait_until_they_are_started() {
    let mut machine = machine(&config(4), &idle, &idle);
    run(&mut machine);
    assert_eq!(word(&machine, READY), 0);
    for cpus in 2..=8 {
        let first = |a: &mut iced_x86::code_asm::CodeAssembler| {
            start(a, cpus - 1)?;
            idle(a)
        };
        let mut machine = crate::lab::machine(&config(cpus), &first, &idle);
        run(&mut machine);
        assert_eq!(word(&machine, READY), u16::from(cpus) - 1);
    }
}

#[test]
fn a_command_reaches_whom_it_names() {
    // Low half of ICR, destination, the vector, whose handler runs.
    let rows: [(u32, u32, u8, [u16; 4]); 9] = [
        (0x4041, 2, 0x41, [0, 0, 1, 0]),
        (0x4041, 0, 0x41, [1, 0, 0, 0]),
        (0x4041, u32::MAX, 0x41, [1, 1, 1, 1]),
        // Logical: cluster 0, one bit for each of its processors.
        (0x4841, 0b1010, 0x41, [0, 1, 0, 1]),
        (0x4_4041, 0, 0x41, [1, 0, 0, 0]),
        (0x8_4041, 0, 0x41, [1, 1, 1, 1]),
        (0xc_4041, 0, 0x41, [0, 1, 1, 1]),
        // Non-maskable, whatever the vector says.
        (0x4441, 3, 2, [0, 0, 0, 1]),
        (0xc_4400, 0, 2, [0, 1, 1, 1]),
    ];
    for (low, destination, vector, expected) in rows {
        let machine = commanded(&[(low, destination)]);
        assert_eq!(counts(&machine, vector), expected, "{low:#x} to {destination:#x}");
    }
}

#[test]
fn the_lowest_priority_of_several_is_one() {
    let machine = commanded(&[(0x4941, 0b1111)]);
    assert_eq!(counts(&machine, 0x41).iter().sum::<u16>(), 1);
}

#[test]
fn what_is_no_command_reaches_nobody() {
    // A vector below 16, an illegal delivery mode, an INIT level de-assert, a start-up IPI to who runs.
    let rows = [(0xc_4001, 0), (0xc_4341, 0), (0xc_8500, 0), (0xc_4600 | u32::from(OTHERS), 0)];
    for row in rows {
        let machine = commanded(&[row]);
        assert_eq!((word(&machine, READY), counts(&machine, 0x41)), (3, [0; 4]), "{row:x?}");
    }
}

#[test]
fn init_makes_a_processor_wait_for_its_start_again() {
    let machine = commanded(&[(0x4500, 2), (0x4041, 2), (0x4600 | u32::from(OTHERS), 2)]);
    assert_eq!(word(&machine, READY), 4, "it has started twice");
    assert_eq!(count(&machine, 2, 0x41), 0, "what came between went to a local APIC that is off");
}

#[test]
fn what_one_does_to_another_arrives_at_its_next_turn() {
    let mut machine = commanded(&[(0x4041, 2)]);
    let records = machine.take_records();
    let sent = records.iter().rfind(|r| r.kind == Kind::Ipi).expect("it is sent").time;
    let pending = records.iter().rfind(|r| r.kind == Kind::Pending).expect("it arrives").time;
    let quantum = Time::us(1).0;
    assert_eq!((sent.0 / quantum + 1) * quantum / 1000, pending.0.div_ceil(1000), "{sent} {pending}");
}

/// Commands of one turn arrive in their order: an INIT takes back a start-up not yet taken, and of two the first counts.
#[test]
fn start_ups_and_inits_count_in_their_order() {
    let (init, start) = ((0x4500, 2), (0x4600 | u32::from(OTHERS), 2));
    let nowhere = (0x4600 | 0x7f, 2);
    let rows: [(&[(u32, u32)], u16); 4] = [
        (&[init, start, nowhere], 4),
        (&[init, start, init], 3),
        (&[init, start, init, start], 4),
        (&[init, init, start], 4),
    ];
    for (commands, ready) in rows {
        assert_eq!(word(&commanded(commands), READY), ready, "{commands:x?}");
    }
}
