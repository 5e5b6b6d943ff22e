//! VM-instruction error numbers (SDM 30.4).

/// What VMfailValid writes to the VM-instruction error field.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VmInstructionError(pub u32);

macro_rules! errors {
    ($( $number:literal $name:ident $text:literal )*) => {
        impl VmInstructionError {
            $( #[doc = $text] pub const $name: VmInstructionError = VmInstructionError($number); )*

            /// Every number that the manual defines.
            pub const ALL: &'static [VmInstructionError] = &[ $( Self::$name, )* ];

            /// The manual's text.
            pub const fn text(self) -> &'static str {
                match self.0 {
                    $( $number => $text, )*
                    _ => "reserved",
                }
            }
        }
    };
}

errors! {
    1 VMCALL_IN_VMX_ROOT "VMCALL executed in VMX root operation"
    2 VMCLEAR_INVALID_ADDRESS "VMCLEAR with invalid physical address"
    3 VMCLEAR_VMXON_POINTER "VMCLEAR with VMXON pointer"
    4 VMLAUNCH_NON_CLEAR_VMCS "VMLAUNCH with non-clear VMCS"
    5 VMRESUME_NON_LAUNCHED_VMCS "VMRESUME with non-launched VMCS"
    6 VMRESUME_AFTER_VMXOFF "VMRESUME after VMXOFF (VMXOFF and VMXON between VMLAUNCH and VMRESUME)"
    7 ENTRY_INVALID_CONTROL_FIELDS "VM entry with invalid control field(s)"
    8 ENTRY_INVALID_HOST_STATE "VM entry with invalid host-state field(s)"
    9 VMPTRLD_INVALID_ADDRESS "VMPTRLD with invalid physical address"
    10 VMPTRLD_VMXON_POINTER "VMPTRLD with VMXON pointer"
    11 VMPTRLD_INCORRECT_REVISION "VMPTRLD with incorrect VMCS revision identifier"
    12 UNSUPPORTED_VMCS_COMPONENT "VMREAD/VMWRITE from/to unsupported VMCS component"
    13 VMWRITE_READ_ONLY_COMPONENT "VMWRITE to read-only VMCS component"
    15 VMXON_IN_VMX_ROOT "VMXON executed in VMX root operation"
    16 ENTRY_INVALID_EXECUTIVE_VMCS_POINTER "VM entry with invalid executive-VMCS pointer"
    17 ENTRY_NON_LAUNCHED_EXECUTIVE_VMCS "VM entry with non-launched executive VMCS"
    18 ENTRY_EXECUTIVE_VMCS_NOT_VMXON_POINTER "VM entry with executive-VMCS pointer not VMXON pointer"
    19 VMCALL_NON_CLEAR_VMCS "VMCALL with non-clear VMCS"
    20 VMCALL_INVALID_EXIT_CONTROLS "VMCALL with invalid VM-exit control fields"
    22 VMCALL_INCORRECT_MSEG_REVISION "VMCALL with incorrect MSEG revision identifier"
    23 VMXOFF_UNDER_DUAL_MONITOR "VMXOFF under dual-monitor treatment of SMIs and SMM"
    24 VMCALL_INVALID_SMM_FEATURES "VMCALL with invalid SMM-monitor features"
    25 ENTRY_INVALID_EXECUTIVE_CONTROLS "VM entry with invalid VM-execution control fields in executive VMCS"
    26 ENTRY_EVENTS_BLOCKED_BY_MOV_SS "VM entry with events blocked by MOV SS"
    28 INVALID_OPERAND_TO_INVEPT_INVVPID "Invalid operand to INVEPT/INVVPID"
}

impl std::fmt::Debug for VmInstructionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.0, self.text())
    }
}
