//! What a debugger does with a machine that can go back: breakpoints, watchpoints, steps both ways.
//!
//! Nothing here is visible to a guest, and nothing but a write to memory or registers changes history.

mod watch;

use emulator::machine::{Machine, Space, Stop};
use emulator::time::Time;

pub use watch::{Watch, WatchOn};

use crate::symbols::World;
use crate::travel::{Position, Target, Traveller, Until, Work};

/// Which software is debugged. A host and its guest may have the same addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Whatever runs.
    #[default]
    Any,
    /// One world; the other runs through steps unseen.
    Only(World),
}

impl Scope {
    fn includes(self, machine: &Machine) -> bool {
        match self {
            Scope::Any => true,
            Scope::Only(world) => World::of(machine, 0) == world,
        }
    }
}

/// What is wanted of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// To the next instruction boundary in scope.
    Step,
    /// To the next breakpoint or watchpoint.
    Continue,
    /// To the boundary in scope before this one.
    StepBack,
    /// To the last breakpoint or watchpoint before this place.
    ContinueBack,
}

/// Why the machine stands again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The step is done.
    Stepped,
    /// A breakpoint is at the next instruction.
    Breakpoint,
    /// The last instruction did what is watched for.
    Watched(Watch),
    /// The history begins here.
    Beginning,
    /// The machine stopped by itself.
    Stopped(Stop),
}

/// A debugger's view of a machine.
pub struct Debugger {
    traveller: Traveller,
    /// Which software is debugged.
    pub scope: Scope,
    breakpoints: Vec<u64>,
    watches: Vec<Watch>,
    under_way: Option<UnderWay>,
}

#[derive(Clone, Copy)]
enum UnderWay {
    Step,
    Continue,
    StepBack,
    /// Looks for the last hit before the position, in the part of history from the time on.
    ContinueBack(Position, Position),
}

impl Debugger {
    /// Debugs this machine.
    pub fn new(traveller: Traveller, scope: Scope) -> Debugger {
        Debugger { traveller, scope, breakpoints: Vec::new(), watches: Vec::new(), under_way: None }
    }

    /// The machine with its history.
    pub fn traveller(&self) -> &Traveller {
        &self.traveller
    }

    /// The machine with its history, to travel by other means.
    pub fn traveller_mut(&mut self) -> &mut Traveller {
        self.under_way = None;
        &mut self.traveller
    }

    /// The machine where it stands.
    pub fn machine(&self) -> &Machine {
        self.traveller.machine()
    }

    /// Where linear addresses lead: in the world that is debugged, even while the other runs.
    pub fn space(&self) -> Space {
        let machine = self.machine();
        match self.scope {
            Scope::Any => machine.space(0),
            Scope::Only(world) => world.space(machine, 0).unwrap_or_else(|| machine.space(0)),
        }
    }

    /// Adds a breakpoint at a linear address.
    pub fn break_at(&mut self, address: u64) {
        if !self.breakpoints.contains(&address) {
            self.breakpoints.push(address);
        }
    }

    /// Removes a breakpoint; false if there is none.
    pub fn unbreak(&mut self, address: u64) -> bool {
        let before = self.breakpoints.len();
        self.breakpoints.retain(|a| *a != address);
        self.breakpoints.len() < before
    }

    /// Adds a watchpoint.
    pub fn watch(&mut self, watch: Watch) {
        if !self.watches.contains(&watch) {
            self.watches.push(watch);
        }
    }

    /// Removes a watchpoint; false if there is none.
    pub fn unwatch(&mut self, watch: Watch) -> bool {
        let before = self.watches.len();
        self.watches.retain(|w| *w != watch);
        self.watches.len() < before
    }

    /// Removes every breakpoint and watchpoint, and forgets what was under way.
    pub fn let_go(&mut self) {
        self.breakpoints.clear();
        self.watches.clear();
        self.under_way = None;
    }

    /// Begins; [`Debugger::work`] goes on.
    pub fn resume(&mut self, how: Resume) {
        let here = self.traveller.position();
        self.under_way = Some(match how {
            Resume::Step => UnderWay::Step,
            Resume::Continue => UnderWay::Continue,
            Resume::StepBack => UnderWay::StepBack,
            Resume::ContinueBack => UnderWay::ContinueBack(here, here),
        });
    }

    /// Works for about so many instructions; why the machine stands, once it does.
    pub fn work(&mut self, instructions: u64) -> Option<Halt> {
        let halt = match self.under_way? {
            UnderWay::Step => self.step(instructions),
            UnderWay::Continue => self.run(instructions),
            UnderWay::StepBack => self.step_back(instructions),
            UnderWay::ContinueBack(end, from) => self.run_back(end, from),
        };
        if halt.is_some() {
            self.under_way = None;
        }
        halt
    }

    /// One boundary further, in whatever world; what is to be said of it.
    fn advance(&mut self) -> Option<Halt> {
        let before = watch::before(&self.watches, self.machine(), self.space());
        if let Some(stop) = self.traveller.run(Until::Step) {
            return Some(Halt::Stopped(stop));
        }
        if !self.scope.includes(self.machine()) {
            return None;
        }
        if let Some(hit) = watch::hit(&self.watches, &before, self.machine(), self.space()) {
            return Some(Halt::Watched(hit));
        }
        let rip = self.machine().registers(0).rip;
        self.breakpoints.contains(&rip).then_some(Halt::Breakpoint)
    }

    fn step(&mut self, instructions: u64) -> Option<Halt> {
        for _ in 0..instructions.max(1) {
            let halt = self.advance();
            if halt.is_some() {
                return halt;
            }
            if self.scope.includes(self.machine()) {
                return Some(Halt::Stepped);
            }
        }
        None
    }

    fn run(&mut self, instructions: u64) -> Option<Halt> {
        if !self.watches.is_empty() {
            return (0..instructions.max(1)).find_map(|_| self.advance());
        }
        let addresses = self.breakpoints.clone();
        match self.traveller.run_to_breakpoint(&addresses, instructions)? {
            Stop::Breakpoint { .. } => self.scope.includes(self.machine()).then_some(Halt::Breakpoint),
            stop => Some(Halt::Stopped(stop)),
        }
    }

    fn step_back(&mut self, instructions: u64) -> Option<Halt> {
        for _ in 0..instructions.clamp(1, 64) {
            if !self.traveller.step_back_instruction() {
                return Some(Halt::Beginning);
            }
            if self.scope.includes(self.machine()) {
                return Some(Halt::Stepped);
            }
        }
        None
    }

    /// Looks through one part of the history before `from`, which is known to hold no hit after it.
    fn run_back(&mut self, end: Position, from: Position) -> Option<Halt> {
        let Some(start) = self.traveller.snapshot_before(&from) else {
            self.traveller.travel_to(Target::Time(Time::ZERO));
            self.finish();
            return Some(Halt::Beginning);
        };
        self.go(start);
        let mut last = None;
        // The part's first place may be a hit itself; nothing leads up to it.
        let rip = self.machine().registers(0).rip;
        if self.breakpoints.contains(&rip) && self.scope.includes(self.machine()) && start < end {
            last = Some((start, Halt::Breakpoint));
        }
        while self.traveller.position() < from {
            let halt = if self.watches.is_empty() {
                self.run(from_here(&self.traveller, &from))
            } else {
                self.advance()
            };
            let here = self.traveller.position();
            match halt {
                Some(Halt::Stopped(_)) => break,
                Some(halt) if here < end => last = Some((here, halt)),
                _ => {}
            }
        }
        let Some((place, halt)) = last else {
            self.under_way = Some(UnderWay::ContinueBack(end, start));
            return None;
        };
        self.go(place);
        Some(halt)
    }

    fn go(&mut self, to: Position) {
        self.traveller.travel_to(Target::Position(to));
        self.finish();
    }

    fn finish(&mut self) {
        while self.traveller.work(u64::MAX) == Work::More {}
    }
}

/// How many instructions may run without passing `to` by much.
fn from_here(traveller: &Traveller, to: &Position) -> u64 {
    to.retired.saturating_sub(traveller.position().retired).max(1)
}
