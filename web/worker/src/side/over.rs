//! A step over a call: into it, then on to where it returns.

use observe::symbols::World;

use super::Side;

/// The register that holds the stack.
const RSP: usize = 4;
/// Bytes of the longest instruction.
const LONGEST: u64 = 15;

/// Where a call returns: to an address, with the stack above what the call pushed, so that no deeper call of the same
/// function is taken for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// Linear address of the instruction after the call.
    pub address: u64,
    stack: u64,
    world: World,
}

impl Return {
    /// Whether a machine is there.
    pub fn is_at(&self, side: &Side) -> bool {
        let machine = side.travel().machine();
        let now = machine.registers(0);
        now.rip == self.address && now.regs[RSP] > self.stack && World::of(machine, 0) == self.world
    }
}

impl Side {
    /// Runs one instruction, or to the next event, whichever is first; where the call returns, if it was one: a return
    /// address was pushed that lies just behind it, and it is elsewhere now.
    pub fn step_into_call(&mut self) -> Option<Return> {
        let before = self.travel().machine().registers(0);
        let world = World::of(self.travel().machine(), 0);
        self.step();
        let machine = self.travel().machine();
        let now = machine.registers(0);
        let stack = now.regs[RSP];
        let mut word = [0; 8];
        let pushed = before.regs[RSP].wrapping_sub(8) == stack
            && World::of(machine, 0) == world
            && machine.read_linear(machine.space(0), stack, &mut word) == word.len();
        let address = u64::from_le_bytes(word);
        let behind = (1..=LONGEST).contains(&address.wrapping_sub(before.rip));
        (pushed && behind && now.rip != address).then_some(Return { address, stack, world })
    }
}
