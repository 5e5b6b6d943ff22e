//! The machine as `gdbstub`'s target.

use std::convert::Infallible;
use std::num::NonZeroUsize;

use gdbstub::common::{Signal, Tid};
use gdbstub::outputln;
use gdbstub::stub::MultiThreadStopReason;
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::multithread::{
    MultiThreadBase, MultiThreadResume, MultiThreadResumeOps, MultiThreadSchedulerLocking,
    MultiThreadSchedulerLockingOps, MultiThreadSingleStep, MultiThreadSingleStepOps,
};
use gdbstub::target::ext::base::reverse_exec::{
    ReplayLogPosition, ReverseCont, ReverseContOps, ReverseStep, ReverseStepOps,
};
use gdbstub::target::ext::breakpoints::{
    Breakpoints, BreakpointsOps, HwBreakpoint, HwBreakpointOps, HwWatchpoint, HwWatchpointOps, SwBreakpoint,
    SwBreakpointOps, WatchKind,
};
use gdbstub::target::ext::exec_file::ExecFileOps;
use gdbstub::target::ext::host_io::HostIoOps;
use gdbstub::target::ext::monitor_cmd::{ConsoleOutput, MonitorCmd, MonitorCmdOps};
use gdbstub::target::ext::thread_extra_info::{ThreadExtraInfo, ThreadExtraInfoOps};
use gdbstub::target::{Target, TargetError, TargetResult};

use emulator::machine::{Machine, Stop};
use observe::debugger::{Debugger, Halt, Resume, Watch, WatchOn};
use observe::symbols::SymbolMap;

use super::images::Images;
use super::monitor;
use super::registers::{Values, X86};

/// A machine under a debugger. Thread n + 1 is processor n.
pub struct Debugged {
    /// What gdb's packets act on.
    pub debugger: Debugger,
    /// Names for what `monitor` prints.
    pub names: SymbolMap,
    /// What gdb reads symbols from.
    pub images: Images,
    next: Next,
}

/// What a client wants next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    /// Every thread goes on.
    #[default]
    Continue,
    /// This processor makes a step.
    Step(u8),
    /// Nothing: a thread that does not exist was named.
    Nothing,
}

impl Debugged {
    /// gdb's view of what `debugger` holds.
    pub fn new(debugger: Debugger, names: SymbolMap) -> Debugged {
        Debugged { debugger, names, images: Images::default(), next: Next::default() }
    }

    /// A client has gone: nothing of it stays.
    pub fn let_go(&mut self) {
        self.debugger.let_go();
        self.next = Next::default();
    }

    /// Why the machine stands, if it is to run and cannot: a thread was named that does not exist.
    pub fn refused(&mut self) -> Option<MultiThreadStopReason<u64>> {
        let refused = std::mem::take(&mut self.next) == Next::Nothing;
        refused.then(|| {
            let tid = thread(self.debugger.processor);
            MultiThreadStopReason::SignalWithThread { tid, signal: Signal::SIGTRAP }
        })
    }

    fn of(&self, tid: Tid) -> TargetResult<u8, Self> {
        processor(self.debugger.machine(), tid).ok_or(TargetError::NonFatal)
    }
}

/// The thread of processor `cpu`.
fn thread(cpu: u8) -> Tid {
    NonZeroUsize::MIN.saturating_add(cpu.into())
}

/// The processor whose thread this is; a client may name a thread that does not exist.
fn processor(machine: &Machine, tid: Tid) -> Option<u8> {
    u8::try_from(tid.get() - 1).ok().filter(|cpu| *cpu < machine.processors())
}

/// What gdb is told of a halt of processor `cpu`.
pub fn reason(halt: Halt, cpu: u8) -> MultiThreadStopReason<u64> {
    let tid = thread(cpu);
    match halt {
        Halt::Stepped => MultiThreadStopReason::SignalWithThread { tid, signal: Signal::SIGTRAP },
        Halt::Breakpoint => MultiThreadStopReason::SwBreak(tid),
        Halt::Watched(watch) => {
            MultiThreadStopReason::Watch { tid, kind: kind(watch.on), addr: watch.address }
        }
        Halt::Beginning => MultiThreadStopReason::ReplayLog { tid: Some(tid), pos: ReplayLogPosition::Begin },
        Halt::Stopped(Stop::TripleFault { .. }) => {
            MultiThreadStopReason::SignalWithThread { tid, signal: Signal::SIGSEGV }
        }
        Halt::Stopped(_) => MultiThreadStopReason::ReplayLog { tid: Some(tid), pos: ReplayLogPosition::End },
    }
}

/// What gdb is told when it interrupts the machine.
pub fn interrupted(debugger: &Debugger) -> MultiThreadStopReason<u64> {
    let tid = thread(debugger.machine().in_turn());
    MultiThreadStopReason::SignalWithThread { tid, signal: Signal::SIGINT }
}

fn kind(on: WatchOn) -> WatchKind {
    match on {
        WatchOn::Write => WatchKind::Write,
        WatchOn::Read => WatchKind::Read,
        WatchOn::Access => WatchKind::ReadWrite,
    }
}

fn watch(address: u64, len: u64, kind: WatchKind) -> Watch {
    let on = match kind {
        WatchKind::Write => WatchOn::Write,
        WatchKind::Read => WatchOn::Read,
        WatchKind::ReadWrite => WatchOn::Access,
    };
    Watch { address, len, on }
}

impl Target for Debugged {
    type Arch = X86;
    type Error = Infallible;

    fn base_ops(&mut self) -> BaseOps<'_, X86, Infallible> {
        BaseOps::MultiThread(self)
    }

    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }

    fn support_exec_file(&mut self) -> Option<ExecFileOps<'_, Self>> {
        Some(self)
    }

    fn support_host_io(&mut self) -> Option<HostIoOps<'_, Self>> {
        Some(self)
    }

    fn support_monitor_cmd(&mut self) -> Option<MonitorCmdOps<'_, Self>> {
        Some(self)
    }
}

impl MultiThreadBase for Debugged {
    fn read_registers(&mut self, registers: &mut Values, tid: Tid) -> TargetResult<(), Self> {
        *registers = Values::of(self.debugger.machine(), self.of(tid)?);
        Ok(())
    }

    fn write_registers(&mut self, registers: &Values, tid: Tid) -> TargetResult<(), Self> {
        let cpu = self.of(tid)?;
        let state = registers.written(self.debugger.machine(), cpu).ok_or(TargetError::NonFatal)?;
        // A history ends only for a change.
        if state != self.debugger.machine().registers(cpu) {
            self.debugger.traveller_mut().edit(|m| m.set_registers(cpu, &state));
        }
        Ok(())
    }

    fn read_addrs(&mut self, start: u64, data: &mut [u8], tid: Tid) -> TargetResult<usize, Self> {
        let space = self.debugger.space(self.of(tid)?);
        let there = self.debugger.machine().read_linear(space, start, data);
        if there == 0 { Err(TargetError::NonFatal) } else { Ok(there) }
    }

    fn write_addrs(&mut self, start: u64, data: &[u8], tid: Tid) -> TargetResult<(), Self> {
        let space = self.debugger.space(self.of(tid)?);
        let mut probe = vec![0; data.len()];
        if self.debugger.machine().read_linear(space, start, &mut probe) < data.len() {
            return Err(TargetError::NonFatal);
        }
        if probe != data {
            self.debugger.traveller_mut().edit(|m| _ = m.write_linear(space, start, data));
        }
        Ok(())
    }

    fn list_active_threads(&mut self, active: &mut dyn FnMut(Tid)) -> Result<(), Infallible> {
        // The one that the last halt is about comes first: gdb says "any thread" where it means that one.
        let (first, count) = (self.debugger.processor, self.debugger.machine().processors());
        std::iter::once(first).chain((0..count).filter(|cpu| *cpu != first)).map(thread).for_each(active);
        Ok(())
    }

    fn is_thread_alive(&mut self, tid: Tid) -> Result<bool, Infallible> {
        Ok(self.of(tid).is_ok())
    }

    fn support_resume(&mut self) -> Option<MultiThreadResumeOps<'_, Self>> {
        Some(self)
    }

    fn support_thread_extra_info(&mut self) -> Option<ThreadExtraInfoOps<'_, Self>> {
        Some(self)
    }
}

impl ThreadExtraInfo for Debugged {
    fn thread_extra_info(&self, tid: Tid, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let machine = self.debugger.machine();
        let text = match processor(machine, tid) {
            Some(cpu) => format!("processor {cpu}, {}", monitor::activity(machine, cpu)),
            None => "no such processor".to_string(),
        };
        let len = text.len().min(buffer.len());
        buffer[..len].copy_from_slice(&text.as_bytes()[..len]);
        Ok(len)
    }
}

impl MultiThreadResume for Debugged {
    fn resume(&mut self) -> Result<(), Infallible> {
        match self.next {
            Next::Continue => self.debugger.resume(Resume::Continue),
            Next::Step(cpu) => {
                self.debugger.processor = cpu;
                self.debugger.resume(Resume::Step);
            }
            Next::Nothing => {}
        }
        Ok(())
    }

    fn clear_resume_actions(&mut self) -> Result<(), Infallible> {
        self.next = Next::Continue;
        Ok(())
    }

    /// A thread that goes on does not keep the others from it; see the lock below.
    fn set_resume_action_continue(&mut self, tid: Tid, _: Option<Signal>) -> Result<(), Infallible> {
        if self.of(tid).is_err() {
            self.next = Next::Nothing;
        }
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<MultiThreadSingleStepOps<'_, Self>> {
        Some(self)
    }

    fn support_scheduler_locking(&mut self) -> Option<MultiThreadSchedulerLockingOps<'_, Self>> {
        Some(self)
    }

    fn support_reverse_step(&mut self) -> Option<ReverseStepOps<'_, Tid, Self>> {
        Some(self)
    }

    fn support_reverse_cont(&mut self) -> Option<ReverseContOps<'_, Tid, Self>> {
        Some(self)
    }
}

impl MultiThreadSingleStep for Debugged {
    fn set_resume_action_step(&mut self, tid: Tid, _: Option<Signal>) -> Result<(), Infallible> {
        self.next = self.of(tid).map_or(Next::Nothing, Next::Step);
        Ok(())
    }
}

impl MultiThreadSchedulerLocking for Debugged {
    /// gdb steps off a breakpoint with a `vCont` that names one thread only, and wants the others held. No
    /// processor stands while another one's time passes, so all go on; the breakpoints that gdb takes away for
    /// the step still hold the others ([`Debugger`]).
    fn set_resume_action_scheduler_lock(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl ReverseStep<Tid> for Debugged {
    fn reverse_step(&mut self, tid: Tid) -> Result<(), Infallible> {
        self.next = self.of(tid).map_or(Next::Nothing, |_| Next::Continue);
        if let Ok(cpu) = self.of(tid) {
            self.debugger.processor = cpu;
            self.debugger.resume(Resume::StepBack);
        }
        Ok(())
    }
}

impl ReverseCont<Tid> for Debugged {
    fn reverse_cont(&mut self) -> Result<(), Infallible> {
        self.next = Next::Continue;
        self.debugger.resume(Resume::ContinueBack);
        Ok(())
    }
}

impl Breakpoints for Debugged {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_breakpoint(&mut self) -> Option<HwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

impl SwBreakpoint for Debugged {
    fn add_sw_breakpoint(&mut self, address: u64, _: usize) -> TargetResult<bool, Self> {
        self.debugger.break_at(address);
        Ok(true)
    }

    fn remove_sw_breakpoint(&mut self, address: u64, _: usize) -> TargetResult<bool, Self> {
        Ok(self.debugger.unbreak(address))
    }
}

impl HwBreakpoint for Debugged {
    fn add_hw_breakpoint(&mut self, address: u64, kind: usize) -> TargetResult<bool, Self> {
        self.add_sw_breakpoint(address, kind)
    }

    fn remove_hw_breakpoint(&mut self, address: u64, kind: usize) -> TargetResult<bool, Self> {
        self.remove_sw_breakpoint(address, kind)
    }
}

impl HwWatchpoint for Debugged {
    fn add_hw_watchpoint(&mut self, address: u64, len: u64, kind: WatchKind) -> TargetResult<bool, Self> {
        let fits = (1..=4096).contains(&len);
        if fits {
            self.debugger.watch(watch(address, len, kind));
        }
        Ok(fits)
    }

    fn remove_hw_watchpoint(&mut self, address: u64, len: u64, kind: WatchKind) -> TargetResult<bool, Self> {
        Ok(self.debugger.unwatch(watch(address, len, kind)))
    }
}

impl MonitorCmd for Debugged {
    fn handle_monitor_cmd(&mut self, command: &[u8], mut out: ConsoleOutput<'_>) -> Result<(), Infallible> {
        let text = monitor::answer(self, &String::from_utf8_lossy(command));
        outputln!(out, "{}", text.trim_end());
        Ok(())
    }
}
