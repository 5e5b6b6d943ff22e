//! The x87, by family. Control instructions do not wait; all others raise #NM, then #MF for an
//! exception that waits, and then do their work (SDM 1 8.1, 8.6).

pub mod arithmetic;
pub mod compare;
pub mod control;
pub mod function;
pub mod image;
pub mod moves;

use crate::cpu::arch::cr0;
use crate::cpu::float::{Env, F80, flag};
use crate::cpu::hot::BLOCK_RIP;
use crate::cpu::x87::status;
use crate::cpu::{Core, Fault, Flow, Op};

/// What an unmasked exception leaves of an instruction.
const NO_RESULT: u32 = flag::BEFORE;
/// What it leaves of one that stores to memory.
const NO_STORE: u32 = flag::BEFORE | flag::OE | flag::UE;

impl Core<'_> {
    /// #MF if an unmasked x87 exception waits. Without CR0.NE a processor asserts FERR# instead; this
    /// machine wires it to nothing, and the instruction goes on.
    #[inline(always)]
    pub fn x87_pending(&mut self) -> Flow {
        if self.cpu.x87.pending() && self.cpu.cr0 & cr0::NE != 0 { Err(Fault::MF.into()) } else { Ok(()) }
    }

    /// #NM by CR0.EM or CR0.TS.
    #[inline(always)]
    fn x87_available(&self) -> Flow {
        if self.cpu.cr0 & (cr0::EM | cr0::TS) != 0 { Err(Fault::NM.into()) } else { Ok(()) }
    }

    /// The checks of instructions that wait.
    #[inline(always)]
    fn x87_wait(&mut self) -> Flow {
        self.x87_available()?;
        self.x87_pending()
    }

    fn x87_env(&self) -> Env {
        Env::x87(self.cpu.x87.control())
    }

    /// Remembers the instruction (FIP, SDM 1 8.1.8) and its operand's address, if it has one (FDP).
    /// FOP is remembered only with an unmasked exception (SDM 1 8.1.9.1).
    fn x87_done(&mut self, op: &Op, operand: Option<u64>) -> Flow {
        self.cpu.x87.ip = self.hot.regs[usize::from(BLOCK_RIP)].wrapping_add(op.offset.into());
        if operand.is_some() {
            self.cpu.x87.dp = self.effective(op);
        }
        if self.cpu.x87.pending() {
            self.cpu.x87.opcode = op.imm as u16 & 0x7ff;
        }
        if operand.is_some() { self.finish() } else { Ok(()) }
    }

    /// Puts an operation's flags into the status word; whether its result counts. An unmasked exception
    /// known before the computation hides those known after it, and one that keeps a store from
    /// memory hides the rounding. C1 tells of the rounding's direction.
    fn x87_flags(&mut self, env: &Env, preventing: u32) -> bool {
        let kept = if !env.masked(env.flags & flag::BEFORE) {
            flag::BEFORE
        } else if preventing == NO_STORE && !env.masked(env.flags & NO_STORE) {
            !flag::PE
        } else {
            flag::ALL
        };
        let flags = env.flags & kept;
        let up = env.up && flags & flag::PE != 0;
        let c1 = if up { status::C1 } else { 0 };
        self.cpu.x87.change_status(status::C1, c1);
        self.x87_raise(flags as u16);
        env.masked(flags & preventing)
    }

    fn x87_raise(&mut self, flags: u16) {
        self.cpu.x87.change_status(flags, flags);
    }

    /// A stack fault: C1 tells overflow from underflow. Whether it is masked.
    fn x87_stack_fault(&mut self, overflow: bool) -> bool {
        self.cpu.x87.change_status(status::C1, if overflow { status::C1 } else { 0 });
        self.x87_raise(status::SF | flag::IE as u16);
        self.x87_env().masked(flag::IE)
    }

    /// Pushes, or reports that there is no room.
    fn x87_push(&mut self, value: F80) {
        if self.cpu.x87.empty(7) {
            self.cpu.x87.push(value);
        } else if self.x87_stack_fault(true) {
            self.cpu.x87.push(F80::INDEFINITE);
        }
    }

    fn clear_c1(&mut self) {
        self.cpu.x87.change_status(status::C1, 0);
    }
}
