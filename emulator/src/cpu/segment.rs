//! Descriptors and segment registers in IA-32e mode (SDM 3A 3.4, 5.2).

use super::arch::{CS, DS, ES, FS, GS, LDTR, SS, Segment, TR};
use super::{Core, Fault, Trap};
use crate::vmx::segment::AccessRights;

/// A descriptor's limit in bytes.
pub const fn limit(descriptor: u64) -> u32 {
    let raw = (descriptor & 0xffff | descriptor >> 32 & 0xf_0000) as u32;
    if descriptor >> 55 & 1 != 0 { raw << 12 | 0xfff } else { raw }
}

/// A descriptor's base, low 32 bits.
pub const fn base(descriptor: u64) -> u64 {
    descriptor >> 16 & 0xff_ffff | descriptor >> 32 & 0xff00_0000
}

/// The error code that names a selector.
const fn code(selector: u16) -> u32 {
    (selector & !3) as u32
}

impl Core<'_> {
    /// The linear address of a selector's descriptor, or `outside` beyond its table.
    fn descriptor_address(&self, selector: u16, bytes: u64, outside: Fault) -> Result<u64, Trap> {
        let (table, limit) = if selector & 4 != 0 {
            let ldt = &self.cpu.segments[LDTR];
            if ldt.rights.unusable() || ldt.selector & !3 == 0 {
                return Err(outside.into());
            }
            (ldt.base, u64::from(ldt.limit))
        } else {
            (self.cpu.gdtr.base, u64::from(self.cpu.gdtr.limit))
        };
        let offset = u64::from(selector & !7);
        if offset + bytes - 1 > limit { Err(outside.into()) } else { Ok(table.wrapping_add(offset)) }
    }

    /// The eight bytes of a selector's descriptor.
    pub fn read_descriptor(&mut self, selector: u16, outside: Fault) -> Result<u64, Trap> {
        let at = self.descriptor_address(selector, 8, outside)?;
        self.system_read_u64(at)
    }

    /// The upper eight bytes of a 16-byte system descriptor.
    pub fn read_upper_descriptor(&mut self, selector: u16, outside: Fault) -> Result<u64, Trap> {
        let at = self.descriptor_address(selector, 16, outside)?;
        self.system_read_u64(at.wrapping_add(8))
    }

    /// MOV to a data segment register or SS (SDM volume 2, MOV).
    pub fn load_data_segment(&mut self, segment: usize, selector: u16) -> Result<(), Trap> {
        if selector & !3 == 0 {
            return self.load_null(segment, selector);
        }
        let gp = Fault::gp(code(selector));
        let descriptor = self.read_descriptor(selector, gp)?;
        let rights = AccessRights::from_descriptor(descriptor);
        let (rpl, cpl, dpl) = ((selector & 3) as u8, self.cpu.cpl(), rights.dpl());
        let writable_data = rights.is_code_or_data() && rights.kind() & 0xa == 2;
        let readable = rights.is_code_or_data() && rights.kind() & 0xa != 8;
        let conforming = rights.kind() & 0xc == 0xc;
        if segment == SS {
            if rpl != cpl || dpl != cpl || !writable_data {
                return Err(gp.into());
            }
            if !rights.present() {
                return Err(Fault::ss(code(selector)).into());
            }
        } else {
            if !readable || !conforming && (rpl > dpl || cpl > dpl) {
                return Err(gp.into());
            }
            if !rights.present() {
                return Err(Fault::np(code(selector)).into());
            }
        }
        let rights = AccessRights(rights.0 | 1);
        self.cpu.segments[segment] = Segment { selector, limit: limit(descriptor), rights, base: 0 };
        self.hot.seg_base[segment] = base(descriptor);
        Ok(())
    }

    fn load_null(&mut self, segment: usize, selector: u16) -> Result<(), Trap> {
        let cpl = self.cpu.cpl();
        if segment == SS && (!self.cpu.mode_64() || cpl == 3 || (selector & 3) as u8 != cpl) {
            return Err(Fault::gp(0).into());
        }
        let dpl = if segment == SS { u32::from(cpl) << 5 } else { 0 };
        let rights = AccessRights(AccessRights::UNUSABLE | dpl);
        self.cpu.segments[segment] = Segment { selector, limit: 0, rights, base: 0 };
        // Intel clears the base of a register that is loaded with a null selector.
        self.hot.seg_base[segment] = 0;
        Ok(())
    }

    /// A far transfer's code segment in IA-32e mode, without gates.
    pub fn far_code_segment(&mut self, selector: u16, new_cpl: u8) -> Result<Segment, Trap> {
        let gp = Fault::gp(code(selector));
        if selector & !3 == 0 {
            return Err(Fault::gp(0).into());
        }
        let descriptor = self.read_descriptor(selector, gp)?;
        let rights = AccessRights::from_descriptor(descriptor);
        let is_code = rights.is_code_or_data() && rights.kind() & 8 != 0;
        let conforming = rights.kind() & 4 != 0;
        let privilege_fits = if conforming { rights.dpl() <= new_cpl } else { rights.dpl() == new_cpl };
        if !is_code || !privilege_fits || rights.long() && rights.db() {
            return Err(gp.into());
        }
        if !rights.present() {
            return Err(Fault::np(code(selector)).into());
        }
        let rights = AccessRights(rights.0 | 1);
        Ok(Segment {
            selector: selector & !3 | u16::from(new_cpl),
            limit: limit(descriptor),
            rights,
            base: base(descriptor),
        })
    }

    /// Makes CS current; 64-bit code ignores its base.
    pub fn set_code_segment(&mut self, segment: Segment) {
        self.hot.seg_base[CS] = if segment.rights.long() { 0 } else { segment.base };
        self.cpu.segments[CS] = segment;
    }

    /// On a return to an outer level, registers that it may not use become null (SDM IRET, RET).
    pub fn drop_inner_segments(&mut self, cpl: u8) {
        for segment in [ES, DS, FS, GS] {
            let s = self.cpu.segments[segment];
            let conforming = s.rights.kind() & 0xc == 0xc;
            if !s.rights.unusable() && !conforming && s.rights.dpl() < cpl {
                let rights = AccessRights(AccessRights::UNUSABLE);
                self.cpu.segments[segment] = Segment { selector: 0, limit: 0, rights, base: 0 };
                self.hot.seg_base[segment] = 0;
            }
        }
    }

    /// LLDT and LTR: a 16-byte system descriptor (SDM volume 2).
    pub fn load_system_segment(&mut self, register: usize, selector: u16) -> Result<(), Trap> {
        if selector & !3 == 0 {
            if register == TR {
                return Err(Fault::gp(0).into());
            }
            let rights = AccessRights(AccessRights::UNUSABLE);
            self.cpu.segments[LDTR] = Segment { selector, limit: 0, rights, base: 0 };
            return Ok(());
        }
        let gp = Fault::gp(code(selector));
        if selector & 4 != 0 {
            return Err(gp.into());
        }
        let at = self.descriptor_address(selector, 16, gp)?;
        let low = self.system_read_u64(at)?;
        let high = self.system_read_u64(at.wrapping_add(8))?;
        let rights = AccessRights::from_descriptor(low);
        let wanted = if register == TR { 9 } else { 2 };
        if rights.is_code_or_data() || rights.kind() != wanted || high >> 40 & 0x1f != 0 {
            return Err(gp.into());
        }
        if !rights.present() {
            return Err(Fault::np(code(selector)).into());
        }
        let mut rights = rights;
        if register == TR {
            // The descriptor becomes busy, in memory too.
            rights = AccessRights(rights.0 | 2);
            self.system_write_u64(at, low | 1 << 41, false)?;
        }
        self.cpu.segments[register] =
            Segment { selector, limit: limit(low), rights, base: base(low) | high << 32 };
        Ok(())
    }
}
