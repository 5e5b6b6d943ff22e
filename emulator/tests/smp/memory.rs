//! One memory, and counters in step.

use iced_x86::code_asm::*;

use crate::lab::*;

/// A processor's loop of `times` rounds.
fn repeat(
    a: &mut CodeAssembler,
    times: u32,
    body: impl Fn(&mut CodeAssembler) -> Result<(), IcedError>,
) -> Result<(), IcedError> {
    a.mov(si, times)?;
    let mut again = a.create_label();
    a.set_label(&mut again)?;
    body(a)?;
    a.dec(si)?;
    a.jnz(again)
}

/// Takes the lock at [`DATA`].
fn lock(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.nop()?;
    let mut taken = a.create_label();
    a.set_label(&mut taken)?;
    a.mov(ax, 1)?;
    a.xchg(word_ptr(DATA), ax)?;
    a.test(ax, ax)?;
    a.jnz(taken)
}

/// All processors do the same; then they halt.
fn all(cpus: u8, body: Body<'_>) -> emulator::machine::Machine {
    let first = |a: &mut CodeAssembler| {
        start(a, cpus - 1)?;
        body(a)?;
        idle(a)
    };
    let others = |a: &mut CodeAssembler| {
        body(a)?;
        idle(a)
    };
    let mut machine = machine(&config(cpus), &first, &others);
    run(&mut machine);
    machine
}

#[test]
fn a_locked_instruction_is_one_step_for_all() {
    let machine = all(4, &|a| repeat(a, 9_000, |a| a.lock().inc(word_ptr(DATA))));
    assert_eq!(word(&machine, DATA), 36_000);
}

#[test]
fn a_lock_of_exchanges_guards_what_is_no_single_step() {
    let machine = all(4, &|a| {
        repeat(a, 3_000, |a| {
            lock(a)?;
            a.mov(ax, word_ptr(DATA + 2))?;
            a.pause()?;
            a.inc(ax)?;
            a.mov(word_ptr(DATA + 2), ax)?;
            a.mov(word_ptr(DATA), 0)
        })
    });
    assert_eq!(word(&machine, DATA + 2), 12_000);
}

#[test]
fn code_that_another_processor_writes_is_run_as_written() {
    // The other processor is in a loop (jmp to itself) until the first overwrites the jump with two NOPs.
    let first = |a: &mut CodeAssembler| {
        start(a, 1)?;
        repeat(a, 20_000, |a| a.pause())?;
        a.mov(bx, (u32::from(OTHERS) << 8) + 0x40)?;
        a.mov(ds, bx)?;
        a.mov(word_ptr(0), 0x9090)?;
        idle(a)
    };
    let others = |a: &mut CodeAssembler| {
        a.db(&[0xea, 0x00, 0x00, 0x40, 0x90])?;
        Ok(())
    };
    let mut machine = machine(&config(2), &first, &others);
    // jmp $; mov word [DATA], 1; hlt.
    let [low, high] = (DATA as u16).to_le_bytes();
    assert!(machine.write_memory(0x9_0400, &[0xeb, 0xfe, 0xc7, 0x06, low, high, 0x01, 0x00, 0xf4]));
    run(&mut machine);
    assert_eq!(word(&machine, DATA), 1);
}

#[test]
fn no_processor_sees_a_time_before_one_that_another_has_left_in_memory() {
    // Under a lock: read the counter, compare it with the one left there, leave it; count those that went back.
    let machine = all(4, &|a| {
        repeat(a, 3_000, |a| {
            let mut fine = a.create_label();
            lock(a)?;
            a.rdtsc()?;
            a.cmp(eax, dword_ptr(DATA + 4))?;
            a.ja(fine)?;
            a.inc(word_ptr(DATA + 8))?;
            a.set_label(&mut fine)?;
            a.mov(dword_ptr(DATA + 4), eax)?;
            a.mov(word_ptr(DATA), 0)
        })
    });
    assert_eq!(word(&machine, DATA + 8), 0);
    assert!(word(&machine, DATA + 6) > 0, "more than 65536 cycles have passed");
}
