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
    /// What a periodic comparator is moved on by.
    period: u64,
    /// The counter when it next matches, if it is armed.
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

    fn counter(&self, now: Time) -> u64 {
        if self.running() { self.offset.wrapping_add(ticks(now, HZ)) } else { self.offset }
    }

    /// Reads `size` bytes (4 or 8) at `offset`.
    #[must_use]
    pub fn read(&self, now: Time, offset: u64, size: u8) -> u64 {
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
        let shift = 8 * (offset & 4);
        let mask = if size >= 8 { u64::MAX } else { 0xffff_ffff << shift };
        let old = self.read_whole(now, offset & !7);
        let whole = old & !mask | value << shift & mask;
        match offset & !7 {
            GEN_CONF => self.configure(now, whole as u32),
            // RW1C.
            GINTR_STA => self.status &= !((value << shift & mask) as u32),
            MAIN_CNT if !self.running() => self.offset = whole,
            _ => match timer_register(offset & !7) {
                Some((n, TN_CONF)) => self.timers[n].config = whole as u32 & TN_WRITABLE & !absent(n),
                Some((n, TN_COMPARATOR)) => self.compare(n, whole),
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

    /// In periodic mode the first write after TN_VAL_SET sets the comparator, the next the period
    /// (2.3.9.2.2); without it both are set.
    fn compare(&mut self, n: usize, value: u64) {
        let timer = &mut self.timers[n];
        let value = if timer.config & TN_32MODE != 0 { value & 0xffff_ffff } else { value };
        if timer.config & TN_TYPE == 0 {
            timer.comparator = value;
        } else if timer.config & TN_VAL_SET != 0 {
            timer.config &= !TN_VAL_SET;
            timer.comparator = value;
        } else {
            timer.period = value;
        }
    }

    fn arm(&mut self, now: Time) {
        let (counter, running) = (self.counter(now), self.running());
        for timer in &mut self.timers {
            timer.due = (running && timer.config & TN_INT_ENB != 0).then(|| timer.next(counter));
        }
    }

    /// When a comparator next matches.
    #[must_use]
    pub fn next_event(&self) -> Time {
        let due = self.timers.iter().filter_map(|t| t.due).min();
        let tick = due.map(|d| d.wrapping_sub(self.offset));
        let ps = tick.map(|t| (u128::from(t) * 1_000_000_000_000).div_ceil(u128::from(HZ)));
        ps.and_then(|ps| u64::try_from(ps).ok()).map_or(Time::NEVER, Time)
    }

    /// Matches that are due.
    pub fn advance(&mut self, now: Time) -> Vec<Match> {
        let counter = self.counter(now);
        let mut matches = Vec::new();
        for n in 0..TIMERS {
            let legacy = self.config & LEG_RT_CNF != 0;
            let timer = &mut self.timers[n];
            if timer.due.is_none_or(|due| due > counter) {
                continue;
            }
            timer.rearm(counter);
            let level = timer.config & TN_INT_TYPE != 0;
            self.status |= u32::from(level) << n;
            let routed = (timer.config >> TN_ROUTE_SHIFT & 0x1f) as u8;
            matches.push(Match { pin: legacy_pin(n).filter(|_| legacy).unwrap_or(routed), level });
        }
        matches
    }

    /// Pins that a level-triggered timer holds, one bit each.
    #[must_use]
    pub fn held(&self) -> u32 {
        let timers = self.timers.iter().enumerate();
        let held = timers.filter(|(n, t)| self.status >> n & 1 != 0 && t.config & TN_INT_TYPE != 0);
        held.fold(0, |pins, (_, t)| pins | 1 << (t.config >> TN_ROUTE_SHIFT & 0x1f))
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
    /// The counter at its next match: a comparator behind the counter matches when that wraps.
    fn next(&self, counter: u64) -> u64 {
        if self.config & TN_32MODE == 0 {
            return if self.comparator > counter { self.comparator } else { u64::MAX };
        }
        let ahead = (self.comparator as u32).wrapping_sub(counter as u32);
        counter.saturating_add(if ahead == 0 { 1 << 32 } else { ahead.into() })
    }

    fn rearm(&mut self, counter: u64) {
        let periodic = self.config & TN_TYPE != 0 && self.period != 0;
        if periodic {
            let behind = counter.wrapping_sub(self.comparator) / self.period + 1;
            self.comparator = self.comparator.wrapping_add(self.period.wrapping_mul(behind));
            if self.config & TN_32MODE != 0 {
                self.comparator &= 0xffff_ffff;
            }
        }
        self.due = Some(self.next(counter));
    }
}

/// Legacy replacement: timer 0 is ISA 0 (pin 2), timer 1 is ISA 8.
fn legacy_pin(n: usize) -> Option<u8> {
    [Some(2), Some(8), None][n]
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
mod tests {
    use super::*;

    fn running() -> Hpet {
        let mut h = Hpet::default();
        h.write(Time::ZERO, GEN_CONF, 8, ENABLE_CNF.into());
        h
    }

    #[test]
    fn the_counter_runs_at_its_rate_and_stands_when_disabled() {
        let mut h = running();
        assert_eq!(h.read(Time::ms(1_000), MAIN_CNT, 8), HZ);
        assert_eq!(h.read(Time::ms(1_000), MAIN_CNT, 4), HZ & 0xffff_ffff);
        h.write(Time::ms(1_000), GEN_CONF, 4, 0);
        assert_eq!(h.read(Time::ms(2_000), MAIN_CNT, 8), HZ);
        h.write(Time::ms(2_000), MAIN_CNT, 8, 5);
        h.write(Time::ms(2_000), GEN_CONF, 4, 1);
        assert_eq!(h.read(Time::ms(3_000), MAIN_CNT, 8), HZ + 5);
    }

    #[test]
    fn its_period_is_what_its_capabilities_say() {
        let femtoseconds = u128::from(GCAP_ID_VALUE >> 32);
        let period = 1_000_000_000_000_000u128 / u128::from(HZ);
        assert!(femtoseconds.abs_diff(period) <= 1);
    }

    #[test]
    fn a_one_shot_timer_matches_once_at_its_pin() {
        let mut h = running();
        h.write(Time::ZERO, TIMER_0 + TN_CONF, 8, u64::from(TN_INT_ENB | 20 << TN_ROUTE_SHIFT));
        h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, HZ / 1_000);
        let due = h.next_event();
        assert!(due >= Time::us(999) && due <= Time::ms(1));
        assert_eq!(h.advance(Time(due.0 - 1)), []);
        assert_eq!(h.advance(due), [Match { pin: 20, level: false }]);
        assert_eq!(h.advance(Time::ms(5)), []);
    }

    #[test]
    fn a_periodic_timer_goes_on_and_legacy_routing_makes_it_isa_0() {
        let mut h = running();
        h.write(Time::ZERO, GEN_CONF, 8, u64::from(ENABLE_CNF | LEG_RT_CNF));
        h.write(Time::ZERO, TIMER_0 + TN_CONF, 8, u64::from(TN_INT_ENB | TN_TYPE | TN_VAL_SET));
        h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 1_000);
        h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 2_000);
        let mut seen = 0;
        while h.next_event() < Time::ms(1) {
            assert_eq!(h.advance(h.next_event()), [Match { pin: 2, level: false }]);
            seen += 1;
        }
        assert_eq!(seen, (HZ / 1_000 - 1_000) / 2_000 + 1);
    }

    #[test]
    fn a_level_triggered_timer_holds_its_pin_until_its_status_is_cleared() {
        let mut h = running();
        let config = TN_INT_ENB | TN_INT_TYPE | 21 << TN_ROUTE_SHIFT;
        h.write(Time::ZERO, TIMER_0 + TN_CONF, 8, config.into());
        h.write(Time::ZERO, TIMER_0 + TN_COMPARATOR, 8, 100);
        h.advance(Time::us(100));
        assert_eq!(h.held(), 1 << 21);
        h.write(Time::us(100), GINTR_STA, 4, 1);
        assert_eq!(h.held(), 0);
    }
}
