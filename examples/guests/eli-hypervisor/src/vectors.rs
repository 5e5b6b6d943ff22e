//! Interrupt vectors of the host. None is below 0x20 (exceptions) or 0x80 (a popular system call), so that a
//! guest's own gates for those can stay in the shadow table.
//!
//! | vectors | class | use |
//! |---|---|---|
//! | 0x41 | 4 | housekeeping, a self-IPI: may wait |
//! | 0x61 to 0x6F | 6 | assigned: the guest's NIC |
//! | 0xF0 | 15 | the host's timer |
//! | 0xF1 | 15 | the host's console |
//! | 0xFF | 15 | spurious |
//!
//! The timer's class is above the assigned one: an interrupt of the guest's in service never masks it.

/// Housekeeping, below the assigned class.
pub const HOUSEKEEPING: u8 = 0x41;
/// The timer without its defence (`without=timer-class`): of a class below the assigned one.
pub const LOW_TIMER: u8 = 0x5F;
/// The first assigned vector.
pub const ASSIGNED_FIRST: u8 = 0x61;
/// How many assigned vectors there are, which is also how many MSI-X vectors the guest's NIC shows.
pub const ASSIGNED_COUNT: usize = 15;
/// The host's timer.
pub const TIMER: u8 = 0xF0;
/// The host's console: a character has come.
pub const CONSOLE: u8 = 0xF1;
/// Spurious-interrupt vector.
pub const SPURIOUS: u8 = 0xFF;

/// The task priority that holds assigned vectors back and lets higher classes through. SDM 3A 10.8.3.1.
pub const ASSIGNED_CLASS: u8 = 0x6F;

/// The number of the assigned vector, if `vector` is one.
pub fn assigned_index(vector: u8) -> Option<usize> {
    let index = vector.checked_sub(ASSIGNED_FIRST)? as usize;
    (index < ASSIGNED_COUNT).then_some(index)
}
