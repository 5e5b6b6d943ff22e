//! Leaves IDTR and the table in use alone, and maps the table's linear address to another page: first by a page-table
//! entry, then by another CR3. There every gate is present.

#![no_std]
#![no_main]

use attacks::{Machine, idt, spin};
use kit::cpu::{invlpg, write_cr3};
use kit::frames::PAGE;
use kit::paging::{PageTables, USER, WRITABLE};
use kit::trap::{Gate, Idt, stub};

attacks::guest!(run);

fn run(mut machine: Machine) -> ! {
    let table = &raw const *idt() as u64;
    let other = machine.frames.take(PAGE, PAGE).expect("no memory for a table");
    for vector in 0..=255u8 {
        let gate = (other as *mut Gate).wrapping_add(vector as usize);
        // SAFETY: the page is the guest's own.
        unsafe { gate.write_volatile(Gate::interrupt(stub(vector), 0)) };
    }
    let (mut honest, mut remapped) = (tables(&mut machine, table), tables(&mut machine, other));
    // SAFETY: both map everything in use to itself, but for the table.
    unsafe { write_cr3(honest.root()) };
    // LIDT under the new tables, as after any change of them.
    unsafe { (*(table as *const Idt)).load() };
    machine.alive();
    machine.enable_interrupts();
    loop {
        spin(10_000_000);
        map(&mut machine, &mut honest, table, other);
        spin(10_000_000);
        map(&mut machine, &mut honest, table, table);
        spin(10_000_000);
        map(&mut machine, &mut remapped, table, other);
        // SAFETY: as above.
        unsafe { write_cr3(remapped.root()) };
        spin(10_000_000);
        // SAFETY: as above.
        unsafe { write_cr3(honest.root()) };
    }
}

/// Identity mapping of the guest's memory and devices, but for the IDT, which is at `idt_at`.
fn tables(machine: &mut Machine, idt_at: u64) -> PageTables {
    let mut tables = PageTables::new(&mut machine.frames).expect("no memory for page tables");
    let end = machine.memory_end;
    tables.identity_map(&mut machine.frames, 0, end, WRITABLE | USER).expect("no memory for page tables");
    map(machine, &mut tables, &raw const *idt() as u64, idt_at);
    tables
}

fn map(machine: &mut Machine, tables: &mut PageTables, from: u64, to: u64) {
    tables.map(&mut machine.frames, from, to, WRITABLE, false).expect("no memory for page tables");
    invlpg(from);
}
