//! What a debugger does with a machine that can go back: breakpoints, watchpoints, steps both ways.
//!
//! Breakpoints and watchpoints hold whichever processor meets them. A step is one processor's; the others take
//! their turns meanwhile, as they do without a debugger, and may meet theirs first.
//!
//! Nothing here is visible to a guest, and nothing but a write to memory or registers changes history.

mod back;
mod watch;

use emulator::machine::{Machine, Space, Stop};
use emulator::trace::Kind;

pub use watch::{Watch, WatchOn};

use crate::symbols::World;
use crate::travel::{Position, Traveller, Until};

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
    /// The record that the last boundary in scope precedes, where another world runs now.
    fn left_by(self) -> Option<Kind> {
        match self {
            Scope::Any => None,
            Scope::Only(World::Guest) => Some(Kind::VmExit),
            Scope::Only(World::Root) => Some(Kind::VmEntry),
        }
    }

    fn includes(self, machine: &Machine, cpu: u8) -> bool {
        match self {
            Scope::Any => true,
            Scope::Only(world) => World::of(machine, cpu) == world,
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
    /// Whose steps are steps; and the one that a halt is about.
    pub processor: u8,
    breakpoints: Vec<u64>,
    watches: Vec<Watch>,
    /// What was known of them where what is debugged was left.
    outside: Option<Vec<watch::Before>>,
    under_way: Option<UnderWay>,
    /// The breakpoints at the last resumption.
    before: Vec<u64>,
    /// Breakpoints that hold all processors but the one that steps: a debugger takes them away for its step,
    /// and means that one alone.
    others: Vec<u64>,
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
        Debugger {
            traveller,
            scope,
            processor: 0,
            breakpoints: Vec::new(),
            watches: Vec::new(),
            outside: None,
            under_way: None,
            before: Vec::new(),
            others: Vec::new(),
        }
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

    /// Where processor `cpu`'s linear addresses lead: in the world that is debugged, even while the other runs.
    pub fn space(&self, cpu: u8) -> Space {
        let machine = self.machine();
        match self.scope {
            Scope::Any => machine.space(cpu),
            Scope::Only(world) => world.space(machine, cpu).unwrap_or_else(|| machine.space(cpu)),
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
        self.before.clear();
        self.others.clear();
        self.under_way = None;
        self.processor = 0;
    }

    /// Begins; [`Debugger::work`] goes on.
    pub fn resume(&mut self, how: Resume) {
        let here = self.traveller.position();
        self.outside = None;
        self.others = std::mem::replace(&mut self.before, self.breakpoints.clone());
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
            UnderWay::StepBack => self.step_back(),
            UnderWay::ContinueBack(end, from) => self.run_back(end, from),
        };
        if halt.is_some() {
            self.under_way = None;
        }
        halt
    }

    fn in_scope(&self, cpu: u8) -> bool {
        self.scope.includes(self.machine(), cpu)
    }

    /// One boundary further, or through about so many instructions of a world that is not debugged: it is left
    /// with a record. What is to be said of where the processor that made the step is then.
    fn advance(&mut self, instructions: u64) -> Option<Halt> {
        let alone = self.machine().processors() == 1;
        // What was known when the scope was left holds until it is entered again.
        let before = self.outside.take().unwrap_or_else(|| watch::before(self));
        let stop = match alone && !self.in_scope(0) {
            true => self.traveller.run_to_record(instructions),
            false => self.traveller.run(Until::Step),
        };
        if let Some(stop) = stop {
            return self.stopped(stop);
        }
        let cpu = self.machine().in_turn();
        if !self.in_scope(cpu) {
            self.outside = Some(watch::without_reads(before));
            return None;
        }
        if let Some(hit) = watch::hit(self, &before, cpu) {
            self.processor = cpu;
            return Some(Halt::Watched(hit));
        }
        self.meets(cpu)
    }

    /// The machine stopped by itself, in this processor's turn.
    fn stopped(&mut self, stop: Stop) -> Option<Halt> {
        self.processor = self.machine().in_turn();
        Some(Halt::Stopped(stop))
    }

    /// A breakpoint is at the processor's next instruction, and that is now said.
    fn meets(&mut self, cpu: u8) -> Option<Halt> {
        let other = matches!(self.under_way, Some(UnderWay::Step)) && cpu != self.processor;
        let met = self.at_breakpoint(cpu) || other && self.others.contains(&self.rip(cpu));
        met.then(|| {
            self.traveller.told(cpu);
            self.processor = cpu;
            Halt::Breakpoint
        })
    }

    fn at_breakpoint(&self, cpu: u8) -> bool {
        self.breakpoints.contains(&self.rip(cpu))
    }

    fn rip(&self, cpu: u8) -> u64 {
        self.machine().standing(cpu).map_or(0, |place| place.rip)
    }

    fn step(&mut self, instructions: u64) -> Option<Halt> {
        let (cpu, alone) = (self.processor, self.machine().processors() == 1);
        let before = Mark::of(self.machine(), cpu);
        self.advance_until(instructions, |d| {
            let stepped = alone || d.machine().in_turn() == cpu && Mark::of(d.machine(), cpu) != before;
            (stepped && d.in_scope(cpu)).then_some(Halt::Stepped)
        })
    }

    /// Advances until something is to be said, for about so many instructions.
    fn advance_until(
        &mut self,
        instructions: u64,
        enough: impl Fn(&Debugger) -> Option<Halt>,
    ) -> Option<Halt> {
        // A boundary without an instruction before it makes a record.
        let progress = |d: &Debugger| d.traveller.position().retired + d.traveller.position().event;
        let end = progress(self).saturating_add(instructions.max(1));
        while progress(self) < end {
            let halt = self.advance(instructions.max(1));
            if let Some(halt) = halt.or_else(|| enough(self)) {
                return Some(halt);
            }
        }
        None
    }

    fn run(&mut self, instructions: u64) -> Option<Halt> {
        if !self.watches.is_empty() {
            return self.advance_until(instructions, |_| None);
        }
        let addresses = self.breakpoints.clone();
        match self.traveller.run_to_breakpoint(&addresses, instructions)? {
            Stop::Breakpoint { cpu, .. } => self.in_scope(cpu).then(|| {
                self.processor = cpu;
                Halt::Breakpoint
            }),
            stop => self.stopped(stop),
        }
    }
}

/// What a step of a processor changes at least one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    retired: u64,
    rip: u64,
    rsp: u64,
    guest: bool,
}

impl Mark {
    fn of(machine: &Machine, cpu: u8) -> Mark {
        let state = machine.registers(cpu);
        let guest = machine.in_guest(cpu);
        Mark { retired: state.retired, rip: state.rip, rsp: state.regs[4], guest }
    }
}
