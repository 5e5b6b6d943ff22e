//! What this processor's VT-x offers, and the MSRs that say so (SDM appendix A).

use super::controls::{entry, exit, pin, primary, secondary};
use super::ept;
use super::fields::Field;
use super::presence;

/// What a model has beyond the common ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Options {
    /// Unrestricted guest; Nehalem has none, Westmere brought it.
    pub unrestricted_guest: bool,
    /// Accessed and dirty flags in EPT; Haswell brought them.
    pub ept_accessed_dirty: bool,
    /// APIC-access, x2APIC and APIC-register virtualization, virtual-interrupt delivery.
    pub apic_virtualization: bool,
    /// Process posted interrupts; needs `apic_virtualization`.
    pub posted_interrupts: bool,
    /// The INVPCID instruction exists.
    pub invpcid: bool,
    /// The bits of CR4 that the processor knows, VMXE among them.
    pub cr4_supported: u64,
}

impl Default for Options {
    /// Nehalem: none of the options, and its CR4 (VME to OSXMMEXCPT, VMXE).
    fn default() -> Self {
        Options {
            unrestricted_guest: false,
            ept_accessed_dirty: false,
            apic_virtualization: false,
            posted_interrupts: false,
            invpcid: false,
            cr4_supported: 0x27ff,
        }
    }
}

/// The settings that one control field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Allowed {
    /// Bits that the TRUE capability MSR wants set.
    pub must_be_1: u32,
    /// Bits that may be set.
    pub may_be_1: u32,
    /// Bits that the original capability MSR wants set: the whole default1 class (SDM A.2).
    pub default1: u32,
}

impl Allowed {
    const fn new(default1: u32, relaxed: u32, offered: u32) -> Allowed {
        Allowed { must_be_1: default1 & !relaxed, may_be_1: default1 | offered, default1 }
    }

    /// The value sets what it must and nothing that it may not.
    #[inline]
    pub const fn permits(self, value: u32) -> bool {
        value & self.must_be_1 == self.must_be_1 && value & !self.may_be_1 == 0
    }

    /// The bit may be set.
    pub const fn offers(self, bit: u32) -> bool {
        self.may_be_1 & bit == bit
    }

    const fn original_msr(self) -> u64 {
        (self.may_be_1 as u64) << 32 | self.default1 as u64
    }

    const fn true_msr(self) -> u64 {
        (self.may_be_1 as u64) << 32 | self.must_be_1 as u64
    }
}

/// The VMX capabilities of a processor.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// Pin-based VM-execution controls.
    pub pin: Allowed,
    /// Primary processor-based VM-execution controls.
    pub primary: Allowed,
    /// Secondary processor-based VM-execution controls.
    pub secondary: Allowed,
    /// VM-exit controls.
    pub exit: Allowed,
    /// VM-entry controls.
    pub entry: Allowed,
    /// IA32_VMX_BASIC.
    pub basic: u64,
    /// IA32_VMX_MISC.
    pub misc: u64,
    /// IA32_VMX_EPT_VPID_CAP.
    pub ept_vpid: u64,
    /// CR0 bits that are 1 in VMX operation.
    pub cr0_fixed0: u64,
    /// CR0 bits that may be 1.
    pub cr0_fixed1: u64,
    /// CR4 bits that are 1 in VMX operation.
    pub cr4_fixed0: u64,
    /// CR4 bits that may be 1.
    pub cr4_fixed1: u64,
    /// A bit for each field that exists, by slot.
    present: [u64; 4],
}

/// The revision identifier of this processor's VMCS format.
const REVISION: u32 = 0x0e;

const PIN: u32 =
    pin::EXTERNAL_INTERRUPT_EXITING | pin::NMI_EXITING | pin::VIRTUAL_NMIS | pin::ACTIVATE_PREEMPTION_TIMER;

/// Every primary control but the TPR shadow, which comes with APIC virtualization, and the activation of
/// tertiary ones.
const PRIMARY: u32 = primary::ALL & !(primary::USE_TPR_SHADOW | primary::ACTIVATE_TERTIARY_CONTROLS);

const SECONDARY: u32 = secondary::ENABLE_EPT
    | secondary::DESCRIPTOR_TABLE_EXITING
    | secondary::ENABLE_RDTSCP
    | secondary::ENABLE_VPID
    | secondary::WBINVD_EXITING;

const APIC_VIRTUALIZATION: u32 = secondary::VIRTUALIZE_APIC_ACCESSES
    | secondary::VIRTUALIZE_X2APIC_MODE
    | secondary::APIC_REGISTER_VIRTUALIZATION
    | secondary::VIRTUAL_INTERRUPT_DELIVERY;

const EXIT: u32 = exit::HOST_ADDRESS_SPACE_SIZE
    | exit::ACKNOWLEDGE_INTERRUPT_ON_EXIT
    | exit::SAVE_IA32_PAT
    | exit::LOAD_IA32_PAT
    | exit::SAVE_IA32_EFER
    | exit::LOAD_IA32_EFER
    | exit::SAVE_PREEMPTION_TIMER_VALUE;

const ENTRY: u32 = entry::IA32E_MODE_GUEST | entry::LOAD_IA32_PAT | entry::LOAD_IA32_EFER;

/// IA32_VMX_BASIC (A.1): 4096-byte regions, write-back, INS/OUTS information, TRUE control MSRs.
const BASIC: u64 = REVISION as u64 | 4096 << 32 | 6 << 50 | 1 << 54 | 1 << 55;

/// IA32_VMX_MISC (A.6): timer rate 5 (bits 4:0), HLT, shutdown and wait-for-SIPI (8:6), 4 CR3 targets (24:16).
const MISC: u64 = 5 | 7 << 6 | 4 << 16;
/// Bit 5: VM exits store IA32_EFER.LMA to the "IA-32e mode guest" control; goes with unrestricted guest.
const MISC_STORES_LMA: u64 = 1 << 5;

fn choose(when: bool, bits: u32) -> u32 {
    if when { bits } else { 0 }
}

impl Capabilities {
    /// The capabilities of a model with these options.
    pub fn new(options: Options) -> Capabilities {
        let posted = options.posted_interrupts && options.apic_virtualization;
        let more = choose(options.unrestricted_guest, secondary::UNRESTRICTED_GUEST)
            | choose(options.apic_virtualization, APIC_VIRTUALIZATION)
            | choose(options.invpcid, secondary::ENABLE_INVPCID);
        let relaxed = primary::CR3_LOAD_EXITING | primary::CR3_STORE_EXITING;
        let mut caps = Capabilities {
            pin: Allowed::new(pin::DEFAULT1, 0, PIN | choose(posted, pin::PROCESS_POSTED_INTERRUPTS)),
            primary: Allowed::new(
                primary::DEFAULT1,
                relaxed,
                PRIMARY | choose(options.apic_virtualization, primary::USE_TPR_SHADOW),
            ),
            secondary: Allowed::new(secondary::DEFAULT1, 0, SECONDARY | more),
            exit: Allowed::new(exit::DEFAULT1, exit::SAVE_DEBUG_CONTROLS, EXIT),
            entry: Allowed::new(entry::DEFAULT1, entry::LOAD_DEBUG_CONTROLS, ENTRY),
            basic: BASIC,
            misc: MISC | if options.unrestricted_guest { MISC_STORES_LMA } else { 0 },
            ept_vpid: ept::CAPABILITY | if options.ept_accessed_dirty { ept::ACCESSED_AND_DIRTY } else { 0 },
            // PE, NE and PG (A.7): unrestricted guest relaxes PE and PG in the checks, not here.
            cr0_fixed0: 0x8000_0021,
            cr0_fixed1: 0xffff_ffff,
            cr4_fixed0: 1 << 13,
            cr4_fixed1: options.cr4_supported | 1 << 13,
            present: [0; 4],
        };
        caps.present = presence::bitmap(&caps);
        caps
    }

    /// The VMCS revision identifier.
    pub const fn revision(&self) -> u32 {
        self.basic as u32 & 0x7fff_ffff
    }

    /// The preemption timer counts down when this bit of the TSC changes.
    pub const fn preemption_timer_rate(&self) -> u8 {
        self.misc as u8 & 0x1f
    }

    /// IA32_VMX_MISC bits 24:16.
    pub const fn cr3_targets(&self) -> u32 {
        (self.misc >> 16) as u32 & 0x1ff
    }

    /// The recommended maximum of each MSR list (bits 27:25).
    pub const fn msr_list_maximum(&self) -> u32 {
        512 * ((self.misc >> 25) as u32 & 7) + 512
    }

    /// Bit 29: VMWRITE may write read-only data.
    pub const fn vmwrite_any(&self) -> bool {
        self.misc & 1 << 29 != 0
    }

    /// Bit 30: software events may be injected with instruction length 0.
    pub const fn zero_length_injection(&self) -> bool {
        self.misc & 1 << 30 != 0
    }

    /// Whether VMREAD and VMWRITE know the field on this processor.
    #[inline]
    pub fn has_field(&self, field: Field) -> bool {
        let slot = field.slot();
        self.present.get(usize::from(slot >> 6)).is_some_and(|word| word >> (slot & 63) & 1 != 0)
    }

    /// Exactly the settings of CR0 that VMX operation allows; `unrestricted` frees PE and PG (SDM 23.8).
    pub const fn cr0_permitted(&self, cr0: u64, unrestricted: bool) -> bool {
        let fixed0 = if unrestricted { self.cr0_fixed0 & !0x8000_0001 } else { self.cr0_fixed0 };
        cr0 & fixed0 == fixed0 && cr0 & !self.cr0_fixed1 == 0
    }

    /// Exactly the settings of CR4 that VMX operation allows.
    pub const fn cr4_permitted(&self, cr4: u64) -> bool {
        cr4 & self.cr4_fixed0 == self.cr4_fixed0 && cr4 & !self.cr4_fixed1 == 0
    }

    /// IA32_VMX_VMCS_ENUM (A.9): the highest index of a field that exists, in bits 9:1.
    fn vmcs_enum(&self) -> u64 {
        let fields = Field::all().filter(|f| self.has_field(*f));
        fields.map(|f| u64::from(f.info().index()) << 1).max().unwrap_or(0)
    }

    /// The value of a VMX capability MSR (0x480 to 0x491); `None` is #GP.
    pub fn msr(&self, index: u32) -> Option<u64> {
        Some(match index {
            0x480 => self.basic,
            0x481 => self.pin.original_msr(),
            0x482 => self.primary.original_msr(),
            0x483 => self.exit.original_msr(),
            0x484 => self.entry.original_msr(),
            0x485 => self.misc,
            0x486 => self.cr0_fixed0,
            0x487 => self.cr0_fixed1,
            0x488 => self.cr4_fixed0,
            0x489 => self.cr4_fixed1,
            0x48a => self.vmcs_enum(),
            0x48b => self.secondary.original_msr(),
            0x48c => self.ept_vpid,
            0x48d => self.pin.true_msr(),
            0x48e => self.primary.true_msr(),
            0x48f => self.exit.true_msr(),
            0x490 => self.entry.true_msr(),
            // 0x491 is IA32_VMX_VMFUNC, which exists only with "enable VM functions".
            _ => return None,
        })
    }
}
