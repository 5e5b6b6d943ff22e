//! The MSR bitmaps: a set bit exits. SDM 3C 24.6.9.
//!
//! Four areas of 1 KiB: reads of 0 to 0x1FFF, reads of 0xC0000000 and up, and the same for writes.

use kit::frames::{Frames, PAGE};
use kit::msr::*;

const READ: u64 = 0;
const WRITE: u64 = 0x800;
const HIGH: u64 = 0x400;
/// IA32_TIME_STAMP_COUNTER: reading it shows no more than RDTSC does.
const IA32_TSC: u32 = 0x10;
/// IA32_CSTAR and IA32_TSC_AUX.
const IA32_CSTAR: u32 = 0xC000_0083;
const IA32_TSC_AUX: u32 = 0xC000_0103;

/// Registers that are the guest's own: the VMCS switches them, or the host does not use them.
const GUESTS_OWN: [u32; 13] = [
    IA32_SYSENTER_CS,
    IA32_SYSENTER_ESP,
    IA32_SYSENTER_EIP,
    IA32_PAT,
    IA32_EFER,
    IA32_STAR,
    IA32_LSTAR,
    IA32_CSTAR,
    IA32_FMASK,
    IA32_FS_BASE,
    IA32_GS_BASE,
    IA32_KERNEL_GS_BASE,
    IA32_TSC_AUX,
];

/// One page of bitmaps.
#[derive(Clone, Copy, Debug)]
pub struct MsrBitmap(u64);

impl MsrBitmap {
    /// Everything exits but the guest's own registers.
    pub fn new(frames: &mut Frames) -> Option<Self> {
        let page = frames.take(PAGE, PAGE)?;
        // SAFETY: the page is fresh.
        unsafe { core::ptr::write_bytes(page as *mut u8, 0xFF, PAGE as usize) };
        let mut this = Self(page);
        GUESTS_OWN.into_iter().for_each(|register| this.allow(register));
        this.clear(READ, IA32_TSC);
        Some(this)
    }

    /// Lets the guest read and write `register`.
    pub fn allow(&mut self, register: u32) {
        self.allow_read(register);
        self.allow_write(register);
    }

    /// Lets the guest read `register`.
    pub fn allow_read(&mut self, register: u32) {
        self.clear(READ, register);
    }

    /// Lets the guest write `register`.
    pub fn allow_write(&mut self, register: u32) {
        self.clear(WRITE, register);
    }

    fn clear(&mut self, area: u64, register: u32) {
        let half = if register >= 0xC000_0000 { HIGH } else { 0 };
        let bit = register as u64 & 0x1FFF;
        let byte = (self.0 + area + half + bit / 8) as *mut u8;
        // SAFETY: `bit` is below 8192, so the byte is in the page.
        unsafe { *byte &= !(1 << (bit % 8)) };
    }

    /// The physical address of the bitmaps.
    pub fn address(&self) -> u64 {
        self.0
    }
}
