//! What the Intel VT-d architecture specification (rev 3.x, legacy mode) says: registers, tables,
//! descriptors and fault reasons. Nothing here acts.

pub mod queue;
pub mod registers;
pub mod tables;

/// First byte of the interrupt address range, VT-d 3.14.
pub const INTERRUPT_RANGE_FIRST: u64 = 0xfee0_0000;
/// Last byte of the interrupt address range, VT-d 3.14.
pub const INTERRUPT_RANGE_LAST: u64 = 0xfeef_ffff;
/// Host address width in bits; physical address bits above it are reserved in every table.
pub const HOST_ADDRESS_WIDTH: u8 = 39;
/// The bits of a physical address.
pub const HOST_ADDRESS_MASK: u64 = (1 << HOST_ADDRESS_WIDTH) - 1;
/// Maximum guest address width in bits, CAP.MGAW + 1.
pub const MAXIMUM_GUEST_ADDRESS_WIDTH: u8 = 48;
/// Size of the register page in bytes.
pub const REGISTER_PAGE_SIZE: u64 = 0x1000;
