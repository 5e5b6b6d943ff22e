//! Controls as this processor allows them. SDM 3C appendix A: bits 31:0 of a capability MSR must be 1, bits
//! 63:32 may be 1.

use super::spec::{entry, exit, msr, pin, primary, secondary};
use crate::options::{Defence, Mode, Options};
use kit::msr::rdmsr;

/// The controls that all modes share; a mode adds to them (see `vcpu::mode`).
#[derive(Clone, Copy, Debug)]
pub struct Base {
    /// Pin-based controls.
    pub pin: u32,
    /// Primary processor-based controls.
    pub primary: u32,
    /// Secondary processor-based controls.
    pub secondary: u32,
    /// VM-exit controls.
    pub exit: u32,
    /// VM-entry controls.
    pub entry: u32,
}

impl Base {
    /// What this hypervisor wants, with what the processor insists on. `Err` names what is missing.
    pub fn new(options: &Options) -> Result<Self, &'static str> {
        let mut wanted = primary::UNCONDITIONAL_IO_EXITING
            | primary::USE_MSR_BITMAPS
            | primary::ACTIVATE_SECONDARY_CONTROLS;
        if options.has(Defence::Cr8Exiting) {
            wanted |= primary::CR8_LOAD_EXITING | primary::CR8_STORE_EXITING;
        }
        let primary_controls = adjust(msr::TRUE_PRIMARY, wanted, "expected CR8 exiting and MSR bitmaps")?;
        if primary_controls & (primary::CR3_LOAD_EXITING | primary::CR3_STORE_EXITING) != 0 {
            return Err("the processor insists on CR3 exiting");
        }
        require(msr::TRUE_PRIMARY, primary::MONITOR_TRAP_FLAG, "expected the monitor trap flag")?;
        if options.mode != Mode::Baseline {
            require(msr::TRUE_PIN, pin::PREEMPTION_TIMER, "expected the preemption timer")?;
            require(
                msr::SECONDARY,
                secondary::DESCRIPTOR_TABLE_EXITING,
                "expected descriptor-table exiting",
            )?;
        }
        let nmi = pin::NMI_EXITING | pin::VIRTUAL_NMIS;
        let eptvpid = secondary::ENABLE_EPT | secondary::ENABLE_VPID;
        let optional = secondary::ENABLE_RDTSCP | secondary::ENABLE_INVPCID;
        Ok(Self {
            pin: adjust(msr::TRUE_PIN, nmi, "expected virtual NMIs")?,
            primary: primary_controls,
            secondary: adjust(msr::SECONDARY, eptvpid, "expected EPT and VPID")?
                | offered(msr::SECONDARY, optional),
            exit: adjust(
                msr::TRUE_EXIT,
                exit::HOST_ADDRESS_SPACE_SIZE
                    | exit::ACKNOWLEDGE_INTERRUPT
                    | exit::SAVE_DEBUG_CONTROLS
                    | exit::SAVE_PAT
                    | exit::LOAD_PAT
                    | exit::SAVE_EFER
                    | exit::LOAD_EFER,
                "expected VM exits that switch PAT and EFER and acknowledge interrupts",
            )?,
            entry: adjust(
                msr::TRUE_ENTRY,
                entry::IA32E_MODE_GUEST | entry::LOAD_DEBUG_CONTROLS | entry::LOAD_PAT | entry::LOAD_EFER,
                "expected VM entries that load PAT and EFER",
            )?,
        })
    }
}

/// `wanted` with the bits that must be 1.
fn adjust(register: u32, wanted: u32, missing: &'static str) -> Result<u32, &'static str> {
    require(register, wanted, missing)?;
    // SAFETY: the capability registers exist with VMX.
    let must_be_1 = unsafe { rdmsr(register) } as u32;
    Ok(wanted | must_be_1)
}

fn require(register: u32, wanted: u32, missing: &'static str) -> Result<(), &'static str> {
    if offered(register, wanted) == wanted { Ok(()) } else { Err(missing) }
}

/// The bits of `wanted` that may be 1.
fn offered(register: u32, wanted: u32) -> u32 {
    // SAFETY: the capability registers exist with VMX.
    wanted & (unsafe { rdmsr(register) } >> 32) as u32
}

/// How many CR3-target values there are. SDM 3C A.6.
pub fn cr3_targets() -> u64 {
    // SAFETY: the register exists with VMX.
    unsafe { rdmsr(msr::MISC) >> 16 & 0x1FF }
}

/// The preemption timer counts down once in 2^this cycles of the TSC. SDM 3C A.6.
pub fn preemption_rate() -> u32 {
    // SAFETY: the register exists with VMX.
    unsafe { rdmsr(msr::MISC) as u32 & 0x1F }
}
