//! What the platform's lines become.

use super::*;
use crate::memory::{Memory, Pages};
use crate::platform::acpi::IO_APIC;
use crate::platform::spec::hpet::*;

/// A board of one processor, and memory.
pub struct Lab {
    pub board: Board,
    ram: Vec<u8>,
    pages: Pages,
}

impl Lab {
    pub fn new() -> Lab {
        let size = 1 << 20;
        Lab { board: board(1), ram: vec![0; size], pages: Pages::new(size) }
    }

    pub fn with<T>(&mut self, act: impl FnOnce(&mut Board, &mut Memory<'_>) -> T) -> T {
        let mut mem = Memory { ram: &mut self.ram, pages: &mut self.pages };
        act(&mut self.board, &mut mem)
    }

    pub fn out(&mut self, now: Time, port: u16, value: u8) {
        self.with(|board, mem| board.port_write(0, now, port, 1, value.into(), mem));
    }

    fn store(&mut self, now: Time, address: u64, value: u32) {
        self.with(|board, mem| board.mmio_write(0, now, address, 4, value.into(), mem));
    }

    /// Writes a pin's redirection entry, of processor 0.
    pub fn entry(&mut self, pin: u32, low: u32) {
        for (index, value) in [(0x10 + 2 * pin, low), (0x11 + 2 * pin, 0)] {
            self.store(Time::ZERO, IO_APIC.into(), index);
            self.store(Time::ZERO, u64::from(IO_APIC) + 0x10, value);
        }
    }

    /// Runs the devices to `now`; the vector that then waits at the local APIC.
    pub fn pending(&mut self, now: Time) -> Option<u8> {
        self.with(|board, mem| board.advance(now, mem));
        self.board.apics[0].pending().map(|(vector, _)| vector)
    }

    /// Timer 0 replaces the 8254 and matches after a millisecond.
    pub fn replace_the_8254(&mut self) {
        self.store(Time::ZERO, BASE + GEN_CONF, ENABLE_CNF | LEG_RT_CNF);
        self.store(Time::ZERO, BASE + TIMER_0 + TN_CONF, TN_INT_ENB);
        self.store(Time::ZERO, BASE + TIMER_0 + TN_COMPARATOR, (HZ / 1_000) as u32);
    }
}

#[test]
fn an_event_timer_that_replaces_the_8254_is_not_hidden_by_its_output() {
    let mut lab = Lab::new();
    // The control word of mode 2 sets OUT, for ever as no count follows.
    lab.out(Time::ZERO, 0x43, 0x34);
    assert_eq!(lab.board.platform.interrupt_lines(Time::ZERO), 1);
    lab.entry(2, 0x41);
    lab.replace_the_8254();
    assert_eq!(lab.board.platform.interrupt_lines(Time::ZERO), 0, "it is disconnected");
    assert_eq!(lab.pending(Time::us(999)), None);
    assert_eq!(lab.pending(Time::us(1_001)), Some(0x41));
}

#[test]
fn a_replaced_8254_interrupts_nobody_until_it_has_its_line_back() {
    let mut lab = Lab::new();
    lab.entry(2, 0x41);
    lab.store(Time::ZERO, BASE + GEN_CONF, ENABLE_CNF | LEG_RT_CNF);
    // Mode 2, 1193 ticks: a millisecond.
    for (port, value) in [(0x43, 0x34), (0x40, 0xa9), (0x40, 0x04)] {
        lab.out(Time::ZERO, port, value);
    }
    assert_eq!(lab.pending(Time::ms(5)), None);
    lab.store(Time::ms(5), BASE + GEN_CONF, LEG_RT_CNF);
    lab.board.apics[0].acknowledge();
    assert_eq!(lab.pending(Time::ms(7)), Some(0x41));
}

#[test]
fn a_level_triggered_timer_holds_the_line_that_it_replaces() {
    let mut lab = Lab::new();
    lab.entry(2, 0x8041);
    lab.replace_the_8254();
    lab.store(Time::ZERO, BASE + TIMER_0 + TN_CONF, TN_INT_ENB | TN_INT_TYPE);
    assert_eq!(lab.pending(Time::us(1_001)), Some(0x41));
    assert_eq!(lab.board.platform.interrupt_lines(Time::us(1_001)), 1);
    lab.store(Time::us(1_002), BASE + GINTR_STA, 1);
    assert_eq!(lab.board.platform.interrupt_lines(Time::us(1_002)), 0);
}

#[test]
fn the_clock_interrupts_at_irq_8_unless_an_event_timer_replaces_it() {
    for (replaced, expected) in [(false, Some(0x48)), (true, None)] {
        let mut lab = Lab::new();
        lab.entry(8, 0x48);
        // Register B: the update-ended interrupt, 24 hours.
        lab.out(Time::ZERO, 0x70, 0x0b);
        lab.out(Time::ZERO, 0x71, 0x12);
        if replaced {
            lab.store(Time::ZERO, BASE + GEN_CONF, ENABLE_CNF | LEG_RT_CNF);
        }
        assert_eq!(lab.pending(Time::ms(999)), None);
        assert_eq!(lab.pending(Time::ms(1_000)), expected, "replaced: {replaced}");
        assert_eq!(lab.board.platform.interrupt_lines(Time::ms(1_000)), u16::from(!replaced) << 8);
        // Reading register C releases the line.
        lab.out(Time::ms(1_001), 0x70, 0x0c);
        lab.with(|board, mem| board.port_read(0, Time::ms(1_001), 0x71, 1, mem));
        assert_eq!(lab.board.platform.interrupt_lines(Time::ms(1_001)), 0);
        lab.board.apics[0].acknowledge();
        assert_eq!(lab.pending(Time::ms(2_001)), expected);
    }
}
