//! Basic exit reasons (SDM appendix C).

/// Bits 15:0 of the exit-reason field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExitReason(pub u16);

macro_rules! exit_reasons {
    ($( $number:literal $name:ident $text:literal )*) => {
        impl ExitReason {
            $( #[doc = $text] pub const $name: ExitReason = ExitReason($number); )*

            /// Every reason of the table, by number.
            pub const ALL: &'static [ExitReason] = &[ $( Self::$name, )* ];

            /// Its short name, in capitals.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $( $number => stringify!($name), )*
                    _ => "RESERVED",
                }
            }

            /// The manual's words.
            pub const fn text(self) -> &'static str {
                match self.0 {
                    $( $number => $text, )*
                    _ => "reserved",
                }
            }
        }
    };
}

exit_reasons! {
    0 EXCEPTION_NMI "Exception or non-maskable interrupt"
    1 EXTERNAL_INTERRUPT "External interrupt"
    2 TRIPLE_FAULT "Triple fault"
    3 INIT_SIGNAL "INIT signal"
    4 SIPI_SIGNAL "Start-up IPI"
    5 IO_SMI "I/O system-management interrupt"
    6 OTHER_SMI "Other SMI"
    7 INTERRUPT_WINDOW "Interrupt window"
    8 NMI_WINDOW "NMI window"
    9 TASK_SWITCH "Task switch"
    10 CPUID "CPUID"
    11 GETSEC "GETSEC"
    12 HLT "HLT"
    13 INVD "INVD"
    14 INVLPG "INVLPG"
    15 RDPMC "RDPMC"
    16 RDTSC "RDTSC"
    17 RSM "RSM"
    18 VMCALL "VMCALL"
    19 VMCLEAR "VMCLEAR"
    20 VMLAUNCH "VMLAUNCH"
    21 VMPTRLD "VMPTRLD"
    22 VMPTRST "VMPTRST"
    23 VMREAD "VMREAD"
    24 VMRESUME "VMRESUME"
    25 VMWRITE "VMWRITE"
    26 VMXOFF "VMXOFF"
    27 VMXON "VMXON"
    28 CR_ACCESS "Control-register accesses"
    29 DR_ACCESS "MOV DR"
    30 IO_INSTRUCTION "I/O instruction"
    31 MSR_READ "RDMSR"
    32 MSR_WRITE "WRMSR"
    33 INVALID_GUEST_STATE "VM-entry failure due to invalid guest state"
    34 MSR_LOAD_FAIL "VM-entry failure due to MSR loading"
    36 MWAIT "MWAIT"
    37 MONITOR_TRAP_FLAG "Monitor trap flag"
    39 MONITOR "MONITOR"
    40 PAUSE "PAUSE"
    41 MCE_DURING_ENTRY "VM-entry failure due to machine-check event"
    43 TPR_BELOW_THRESHOLD "TPR below threshold"
    44 APIC_ACCESS "APIC access"
    45 VIRTUALIZED_EOI "Virtualized EOI"
    46 GDTR_IDTR "Access to GDTR or IDTR"
    47 LDTR_TR "Access to LDTR or TR"
    48 EPT_VIOLATION "EPT violation"
    49 EPT_MISCONFIGURATION "EPT misconfiguration"
    50 INVEPT "INVEPT"
    51 RDTSCP "RDTSCP"
    52 PREEMPTION_TIMER "VMX-preemption timer expired"
    53 INVVPID "INVVPID"
    54 WBINVD "WBINVD or WBNOINVD"
    55 XSETBV "XSETBV"
    56 APIC_WRITE "APIC write"
    57 RDRAND "RDRAND"
    58 INVPCID "INVPCID"
    59 VMFUNC "VMFUNC"
    60 ENCLS "ENCLS"
    61 RDSEED "RDSEED"
    62 PML_FULL "Page-modification log full"
    63 XSAVES "XSAVES"
    64 XRSTORS "XRSTORS"
    65 PCONFIG "PCONFIG"
    66 SPP_EVENT "SPP-related event"
    67 UMWAIT "UMWAIT"
    68 TPAUSE "TPAUSE"
    69 LOADIWKEY "LOADIWKEY"
}

impl ExitReason {
    /// How many slots a counter array by reason needs.
    pub const COUNT: usize = 70;

    /// Bit 31 of the exit-reason field: the entry failed (SDM 26.8).
    pub const ENTRY_FAILURE: u32 = 1 << 31;

    /// The exit-reason field of a plain exit.
    pub const fn field(self) -> u32 {
        self.0 as u32
    }

    /// The exit-reason field of a VM-entry failure.
    pub const fn entry_failure(self) -> u32 {
        self.0 as u32 | Self::ENTRY_FAILURE
    }
}

impl std::fmt::Debug for ExitReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
