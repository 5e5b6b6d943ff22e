//! Execution by family.
//!
//! Every handler is monomorphised over operand width and operand kinds, so that nothing is
//! decided at run time that the decoder knows. All faults come before any register or flag
//! changes: a faulting instruction can be restarted.
//!
//! Flags that the manual leaves undefined: shifts and double shifts compute OF for every count as
//! for a count of 1 and clear AF; MUL and IMUL set SF, ZF and PF from the low half and clear AF;
//! DIV and IDIV change none; BSF and BSR set SF and PF from the source and clear CF, OF and AF;
//! BT and its kin change CF only.

pub mod alu;
pub mod bits;
pub mod bmi;
pub mod branch;
pub mod legacy;
pub mod mov;
pub mod muldiv;
pub mod operand;
pub mod shift;
pub mod simd;
pub mod stack;
pub mod string;
pub mod system;
pub mod x87;
pub mod xsave;

use super::{Core, Fault, Flow, Op, Trap};

/// An instruction that this model does not have: #UD.
pub fn undefined(_core: &mut Core<'_>, _op: &Op) -> Flow {
    Err(Fault::UD.into())
}

/// An instruction whose execution this build leaves out: the machine stops before it.
pub fn left_out(_core: &mut Core<'_>, _op: &Op) -> Flow {
    Err(Trap::LeftOut)
}

/// An instruction longer than 15 bytes: #GP(0) (SDM 2A 2.3.11).
pub fn too_long(_core: &mut Core<'_>, _op: &Op) -> Flow {
    Err(Fault::gp(0).into())
}

/// #GP(0) unless CPL is 0.
fn privileged(core: &Core<'_>) -> Flow {
    if core.cpu.cpl() == 0 { Ok(()) } else { Err(Fault::gp(0).into()) }
}
