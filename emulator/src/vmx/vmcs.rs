//! A VMCS as plain data.

use super::caps::Capabilities;
use super::errors::VmInstructionError;
use super::fields::{self, COUNT, Field, Half, Kind};
use crate::state::Node;

/// Whether VMLAUNCH or VMRESUME may enter (SDM 24.11.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LaunchState {
    /// VMCLEAR left it so; VMLAUNCH enters.
    #[default]
    Clear,
    /// VMLAUNCH entered; VMRESUME enters.
    Launched,
}

/// The contents of a virtual-machine control structure.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vmcs {
    /// The VMCS revision identifier; bit 31 marks a shadow VMCS.
    pub revision: u32,
    /// Its launch state.
    pub launch_state: LaunchState,
    /// Every field by slot, each no wider than itself.
    values: Box<[u64; COUNT]>,
}

impl Vmcs {
    /// A clear VMCS, every field zero.
    pub fn new(revision: u32) -> Vmcs {
        Vmcs { revision, launch_state: LaunchState::Clear, values: Box::new([0; COUNT]) }
    }

    /// The value of a field.
    #[inline(always)]
    pub fn get(&self, field: Field) -> u64 {
        self.values[field.slot() as usize]
    }

    /// The value of a field of 32 or 16 bits.
    #[inline(always)]
    pub fn get32(&self, field: Field) -> u32 {
        self.get(field) as u32
    }

    /// Writes a field; bits beyond its width are dropped.
    #[inline(always)]
    pub fn set(&mut self, field: Field, value: u64) {
        self.values[field.slot() as usize] = value & field.mask();
    }

    /// Sets some bits of a field.
    pub fn set_bits(&mut self, field: Field, bits: u64) {
        self.set(field, self.get(field) | bits);
    }

    /// Clears some bits of a field.
    pub fn clear_bits(&mut self, field: Field, bits: u64) {
        self.set(field, self.get(field) & !bits);
    }

    /// VMREAD in 64-bit mode; outside it the caller keeps bits 31:0 of the answer.
    #[inline]
    pub fn read_encoding(&self, caps: &Capabilities, encoding: u64) -> Result<u64, VmInstructionError> {
        let (field, half) = supported(caps, encoding)?;
        Ok(match half {
            Half::Full => self.get(field),
            Half::High => self.get(field) >> 32,
        })
    }

    /// VMWRITE in 64-bit mode. Outside it the caller passes 32 bits, which clears a full field's high half.
    #[inline]
    pub fn write_encoding(
        &mut self,
        caps: &Capabilities,
        encoding: u64,
        value: u64,
    ) -> Result<(), VmInstructionError> {
        let (field, half) = supported(caps, encoding)?;
        if field.info().kind == Kind::ReadOnlyData && !caps.vmwrite_any() {
            return Err(VmInstructionError::VMWRITE_READ_ONLY_COMPONENT);
        }
        match half {
            Half::Full => self.set(field, value),
            Half::High => self.set(field, self.get(field) & 0xffff_ffff | value << 32),
        }
        Ok(())
    }

    /// Every field with its value, by area.
    pub fn inspect(&self) -> Node {
        let area = |kind: Kind, name: &str| {
            let of_kind = Field::all().filter(|f| f.info().kind == kind);
            let values = of_kind.map(|f| Node::value(f.name(), self.get(f), f.info().bits()));
            Node::group(name, values.collect())
        };
        Node::group(
            "VMCS",
            vec![
                Node::value("revision identifier", self.revision.into(), 32),
                Node::text("launch state", format!("{:?}", self.launch_state).to_ascii_lowercase()),
                area(Kind::GuestState, "guest state"),
                area(Kind::HostState, "host state"),
                area(Kind::Control, "controls"),
                area(Kind::ReadOnlyData, "VM-exit information"),
            ],
        )
    }
}

/// The field that exists under this encoding on this processor (SDM 30.3, VMREAD: error 12).
#[inline]
fn supported(caps: &Capabilities, encoding: u64) -> Result<(Field, Half), VmInstructionError> {
    let found = u32::try_from(encoding).ok().and_then(fields::lookup);
    match found {
        Some((field, half)) if caps.has_field(field) => Ok((field, half)),
        _ => Err(VmInstructionError::UNSUPPORTED_VMCS_COMPONENT),
    }
}
