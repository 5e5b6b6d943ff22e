//! A page of host memory with a known pattern. Nothing here writes it: if its bytes change, somebody else did.

/// One page.
#[repr(C, align(4096))]
pub struct Canary(pub [u8; 4096]);

/// The canary: 4096 bytes of 0xC5, found by this symbol.
#[used]
#[unsafe(no_mangle)]
pub static mut HOST_CANARY: Canary = Canary([0xC5; 4096]);
