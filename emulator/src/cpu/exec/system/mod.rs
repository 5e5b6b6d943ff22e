//! System instructions, one handler each, with their VM exits (SDM 3C 25.1).

mod control;
mod descriptor;
mod far;
mod flow;
mod io;
mod misc;
mod ret;
mod transfer;

pub use control::*;
pub use descriptor::*;
pub use far::*;
pub use flow::*;
pub use io::*;
pub use misc::*;
pub use ret::*;
pub use transfer::*;

pub use crate::cpu::vt::instructions::{
    invept, invvpid, vmcall, vmclear, vmlaunch, vmptrld, vmptrst, vmread, vmresume, vmwrite, vmxoff, vmxon,
};

use crate::cpu::{Core, Fault, Trap};

/// #GP(0) unless CPL is 0.
fn privileged(core: &Core<'_>) -> Result<(), Trap> {
    if core.cpu.cpl() == 0 { Ok(()) } else { Err(Fault::gp(0).into()) }
}
