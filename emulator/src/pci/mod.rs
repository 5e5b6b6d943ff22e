//! Configuration space, base address registers, MSI-X, and the bus that joins them.
//!
//! [`ConfigSpace`] is one function's 4 KiB with its masks; [`MsixTable`] is the table and pending
//! bits that a function exposes through a BAR; [`PciBus`] finds a function by address: the
//! CF8/CFC mechanism, ECAM, and what the functions' BARs claim. Functions that do nothing but
//! exist (host bridge, LPC bridge) live in the bus; a device keeps its own space and tells the bus
//! what it claims.

mod bus;
mod config_space;
mod functions;
mod msix;
pub mod spec;

pub use bus::{Bdf, Claim, Claims, PciBus, ecam_target};
pub use config_space::{BarKind, ConfigSpace, ConfigSpaceBuilder};
pub use functions::{HOST_BRIDGE, LPC_BRIDGE, NIC, host_bridge, lpc_bridge};
pub use msix::MsixTable;
