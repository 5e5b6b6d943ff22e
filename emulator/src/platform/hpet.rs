//! High precision event timers (IA-PC HPET 1.0a): a 64-bit counter and three comparators, the first
//! one periodic.

use super::pm::ticks;
use super::spec::hpet::*;
use crate::state::Node;
use crate::time::Time;

/// Comparators.
const TIMERS: usize = 3;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Timer {
    /// Tn_CONF's writable bits.
    config: u32,
    comparator: u64,
    /// What a periodic comparator is moved on by: the value last written (2.3.9).
    period: u64,
    /// The tick of the clock at which it next matches, if the counter runs.
    due: Option<u64>,
}

/// The block of timers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hpet {
    config: u32,
    status: u32,
    /// The counter while it stands, and what is added to the clock while it runs.
    offset: u64,
    timers: [Timer; TIMERS],
}

/// What a match does to an interrupt line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The I/O APIC's pin.
    pub pin: u8,
    /// The line stays asserted until software clears the status bit; else it is a pulse.
    pub level: bool,
}

impl Hpet {
    fn running(&self) -> bool {
        self.config & ENABLE_CNF != 0
    }

    /// Whether timers 0 and 1 take the places of the 8254 and the RTC: both bits must be set (2.3.5).
    #[must_use]
    pub fn replaces_legacy(&self) -> bool {
        self.running() && self.config & LEG_RT_CNF != 0
    }

    fn counter(&self, now: Time) -> u64 {
        if self.running() { self.offset.wrapping_add(ticks(now, HZ)) } else { self.offset }
    }

    /// Reads `size` bytes (4 or 8) at `offset`.
    #[must_use]
    pub fn read(&mut self, now: Time, offset: u64, size: u8) -> u64 {
        self.settle(now);
        let whole = self.read_whole(now, offset & !7);
        let value = whole >> (8 * (offset & 4));
        if size >= 8 { value } else { value & 0xffff_ffff }
    }

    fn read_whole(&self, now: Time, offset: u64) -> u64 {
        match offset {
            GCAP_ID => GCAP_ID_VALUE,
            GEN_CONF => self.config.into(),
            GINTR_STA => self.status.into(),
            MAIN_CNT => self.counter(now),
            _ => match timer_register(offset) {
                Some((n, TN_CONF)) => u64::from(self.timers[n].config) | tn_capabilities(n),
                Some((n, TN_COMPARATOR)) => self.timers[n].comparator,
                _ => 0,
            },
        }
    }

    /// Writes `size` bytes (4 or 8) at `offset`.
    pub fn write(&mut self, now: Time, offset: u64, size: u8, value: u64) {
        self.settle(now);
        let shift = 8 * (offset & 4);
        let mask = if size >= 8 { u64::MAX } else { 0xffff_ffff << shift };
        let bits = value << shift & mask;
        let whole = self.read_whole(now, offset & !7) & !mask | bits;
        match offset & !7 {
            GEN_CONF => self.configure(now, whole as u32),
            // RW1C.
            GINTR_STA => self.status &= !(bits as u32),
            MAIN_CNT if !self.running() => self.offset = whole,
            _ => match timer_register(offset & !7) {
                Some((n, TN_CONF)) => self.timers[n].configure(whole as u32 & !absent(n)),
                Some((n, TN_COMPARATOR)) => self.timers[n].write(mask, bits),
                _ => {}
            },
        }
        self.arm(now);
    }

    fn configure(&mut self, now: Time, value: u32) {
        let counter = self.counter(now);
        self.config = value & (ENABLE_CNF | LEG_RT_CNF);
        self.offset = if self.running() { counter.wrapping_sub(ticks(now, HZ)) } else { counter };
    }

    fn arm(&mut self, now: Time) {
        let (tick, counter, running) = (ticks(now, HZ), self.counter(now), self.running());
        for timer in &mut self.timers {
            timer.due = if running { timer.due_after(tick, counter) } else { None };
        }
    }

    /// When a timer next interrupts.
    #[must_use]
    pub fn next_event(&self) -> Time {
        let enabled = self.timers.iter().filter(|t| t.config & TN_INT_ENB != 0);
        let tick = enabled.filter_map(|t| t.due).min();
        let ps = tick.map(|t| (u128::from(t) * 1_000_000_000_000).div_ceil(u128::from(HZ)));
        ps.and_then(|ps| u64::try_from(ps).ok()).map_or(Time::NEVER, Time)
    }

    /// Matches that are due and interrupt.
    pub fn advance(&mut self, now: Time) -> Vec<Match> {
        let matched: Vec<usize> = (0..TIMERS).filter(|n| self.matches(*n, now)).collect();
        let enabled = |n: &usize| self.timers[*n].config & TN_INT_ENB != 0;
        let interrupt = |n| Some(Match { pin: self.pin(n)?, level: self.timers[n].is_level() });
        matched.into_iter().filter(enabled).filter_map(interrupt).collect()
    }

    /// A timer whose interrupts are disabled operates and sets its status bit all the same (2.3.8,
    /// Tn_INT_ENB_CNF), but nobody wakes up for it: it is brought up to date when somebody looks.
    fn settle(&mut self, now: Time) {
        for n in 0..TIMERS {
            if self.timers[n].config & TN_INT_ENB == 0 {
                self.matches(n, now);
            }
        }
    }

    /// Whether timer `n` has matched by now; if so it goes on to its next match.
    fn matches(&mut self, n: usize, now: Time) -> bool {
        let (tick, counter) = (ticks(now, HZ), self.counter(now));
        let timer = &mut self.timers[n];
        if timer.due.is_none_or(|due| due > tick) {
            return false;
        }
        timer.go_on(counter);
        timer.due = timer.due_after(tick, counter);
        self.status |= u32::from(timer.is_level()) << n;
        true
    }

    /// The pin of a timer: the legacy one, whatever its configuration says (2.3.5), or the one it is routed to.
    fn pin(&self, n: usize) -> Option<u8> {
        let legacy = legacy_pin(n).filter(|_| self.replaces_legacy());
        legacy.or_else(|| Some(self.timers[n].route()).filter(|pin| ROUTES >> pin & 1 != 0))
    }

    /// Pins that a level-triggered timer holds, one bit each: none while ENABLE_CNF is 0 (2.3.5).
    #[must_use]
    pub fn held(&self) -> u32 {
        let holds = |n: &usize| {
            let level = self.timers[*n].is_level() && self.status >> n & 1 != 0;
            level && self.running() && self.timers[*n].config & TN_INT_ENB != 0
        };
        (0..TIMERS).filter(holds).filter_map(|n| self.pin(n)).fold(0, |pins, pin| pins | 1 << pin)
    }

    /// ISA lines that the timers which replace the 8254 and the RTC hold, one bit each.
    #[must_use]
    pub fn held_legacy(&self) -> u16 {
        LEGACY.iter().fold(0, |lines, (pin, irq)| lines | ((self.held() >> pin & 1) as u16) << irq)
    }

    /// The registers.
    #[must_use]
    pub fn inspect(&self) -> Node {
        let timer = |(n, t): (usize, &Timer)| {
            let values = vec![
                Node::value("Tn_CONF", t.config.into(), 32),
                Node::value("Tn_COMPARATOR", t.comparator, 64),
                Node::value("period", t.period, 64),
            ];
            Node::group(n.to_string(), values)
        };
        let mut children = vec![
            Node::value("GEN_CONF", self.config.into(), 32),
            Node::value("GINTR_STA", self.status.into(), 32),
        ];
        children.extend(self.timers.iter().enumerate().map(timer));
        Node::group("hpet", children)
    }
}

impl Timer {
    fn is_level(&self) -> bool {
        self.config & TN_INT_TYPE != 0
    }

    fn is_32(&self) -> bool {
        self.config & TN_32MODE != 0
    }

    fn route(&self) -> u8 {
        (self.config >> TN_ROUTE_SHIFT & 0x1f) as u8
    }

    /// A route that is not supported reads back as another (2.3.8): as it was.
    fn configure(&mut self, value: u32) {
        let route = 0x1f << TN_ROUTE_SHIFT;
        let supported = ROUTES >> ((value & route) >> TN_ROUTE_SHIFT) & 1 != 0;
        let kept = if supported { 0 } else { route };
        self.config = value & TN_WRITABLE & !kept | self.config & kept;
    }

    /// A write of the bits in `mask`. A periodic comparator goes on by the value last written (2.3.9), and is
    /// itself set only after TN_VAL_SET (2.3.8), which falls by itself: one such write sets both.
    fn write(&mut self, mask: u64, bits: u64) {
        let wide = if self.is_32() { 0xffff_ffff } else { u64::MAX };
        let merged = |old: u64| (old & !mask | bits) & wide;
        let periodic = self.config & TN_TYPE != 0;
        if periodic {
            self.period = merged(self.period);
        }
        if !periodic || self.config & TN_VAL_SET != 0 {
            self.comparator = merged(self.comparator);
        }
        self.config &= !TN_VAL_SET;
    }

    /// How far the counter is behind the comparator, in the timer's width.
    fn ahead(&self, counter: u64) -> u64 {
        let ahead = self.comparator.wrapping_sub(counter);
        if self.is_32() { ahead & 0xffff_ffff } else { ahead }
    }

    /// The tick of the next match: a comparator that the counter has reached matches when that has gone round.
    fn due_after(&self, tick: u64, counter: u64) -> Option<u64> {
        match (self.ahead(counter), self.is_32()) {
            (0, true) => tick.checked_add(1 << 32),
            (0, false) => None,
            (ahead, _) => tick.checked_add(ahead),
        }
    }

    /// A periodic comparator that the counter has reached moves on, to the first multiple ahead of it.
    fn go_on(&mut self, counter: u64) {
        if self.config & TN_TYPE == 0 || self.period == 0 {
            return;
        }
        let wide = if self.is_32() { 0xffff_ffff } else { u64::MAX };
        let behind = counter.wrapping_sub(self.comparator) & wide;
        let steps = (behind / self.period).wrapping_add(1);
        self.comparator = self.comparator.wrapping_add(self.period.wrapping_mul(steps)) & wide;
    }
}

/// Legacy replacement (2.3.5): the I/O APIC's pin and the 8259s' input of timers 0 and 1.
const LEGACY: [(u8, u8); 2] = [(2, 0), (8, 8)];

/// The 8259s' input beside an I/O APIC's pin, if the timers lead to one there.
#[must_use]
pub fn legacy_irq(pin: u8) -> Option<u8> {
    LEGACY.iter().find(|(legacy, _)| *legacy == pin).map(|(_, irq)| *irq)
}

fn legacy_pin(n: usize) -> Option<u8> {
    LEGACY.get(n).map(|(pin, _)| *pin)
}

/// Which timer, and which of its registers.
fn timer_register(offset: u64) -> Option<(usize, u64)> {
    let n = usize::try_from(offset.checked_sub(TIMER_0)? / TIMER_SIZE).ok()?;
    (n < TIMERS).then_some((n, (offset - TIMER_0) % TIMER_SIZE))
}

/// Only the first timer is periodic.
fn absent(n: usize) -> u32 {
    if n == 0 { 0 } else { TN_TYPE | TN_VAL_SET }
}

fn tn_capabilities(n: usize) -> u64 {
    TN_CAPABILITIES | if n == 0 { TN_PER_INT_CAP } else { 0 }
}

#[cfg(test)]
mod tests;
