//! Descriptors and segment registers (SDM 3A 3.4, 5.2).

use super::access::canonical;
use super::arch::{CS, DS, ES, FS, GS, LDTR, SS, Segment, TR};
use super::mode::LINEAR_32;
use super::{Core, Fault, Trap};
use crate::vmx::segment::AccessRights;

/// A code or data descriptor's accessed flag.
const ACCESSED: u64 = 1 << 40;

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

/// What a code or data segment register holds after loading a descriptor: accessed, with its base.
pub fn of(selector: u16, descriptor: u64) -> Segment {
    let rights = AccessRights(AccessRights::from_descriptor(descriptor).0 | 1);
    Segment { selector, limit: limit(descriptor), rights, base: base(descriptor) }
}

impl Core<'_> {
    /// The linear address of a selector's descriptor, or `outside` beyond its table.
    pub(super) fn descriptor_address(&self, selector: u16, bytes: u64, outside: Fault) -> Result<u64, Trap> {
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
        let at = table.wrapping_add(offset);
        let at = if self.cpu.long_mode() { at } else { at & LINEAR_32 };
        if offset + bytes - 1 > limit { Err(outside.into()) } else { Ok(at) }
    }

    /// The eight bytes of a selector's descriptor.
    pub fn read_descriptor(&mut self, selector: u16, outside: Fault) -> Result<u64, Trap> {
        let at = self.descriptor_address(selector, 8, outside)?;
        if !canonical(at) {
            return Err(outside.into());
        }
        self.system_read_u64(at)
    }

    /// What a segment register holds once it is loaded with this descriptor of a code or data segment, which
    /// has passed its checks: the descriptor becomes accessed in memory too (SDM 3A 3.4.5.1).
    pub fn load_descriptor(&mut self, selector: u16, descriptor: u64) -> Result<Segment, Trap> {
        if descriptor & ACCESSED == 0 {
            let at = self.descriptor_address(selector, 8, Fault::gp(code(selector)))?;
            self.system_write(at, descriptor | ACCESSED, 8, false)?;
        }
        Ok(of(selector, descriptor))
    }

    /// The upper eight bytes of a 16-byte system descriptor.
    pub fn read_upper_descriptor(&mut self, selector: u16, outside: Fault) -> Result<u64, Trap> {
        let at = self.descriptor_address(selector, 16, outside)?;
        self.system_read_u64(at.wrapping_add(8))
    }

    /// Loads a segment register of real-address or virtual-8086 mode: a paragraph's number (SDM 3A 20.1.1,
    /// 20.2). In real-address mode limit and rights stay what they are.
    pub fn load_real(&mut self, segment: usize, selector: u16) {
        let held = self.cpu.segments[segment];
        let (limit, rights) = match (self.virtual_8086(), held.rights.unusable()) {
            (true, _) => (0xffff, AccessRights(0xf3)),
            (false, true) => (0xffff, AccessRights(0x93)),
            (false, false) => (held.limit, held.rights),
        };
        self.set_segment(segment, Segment { selector, limit, rights, base: u64::from(selector) << 4 });
    }

    /// Makes a data segment register null and unusable.
    pub fn clear_segment(&mut self, segment: usize) {
        let rights = AccessRights(AccessRights::UNUSABLE);
        self.set_segment(segment, Segment { selector: 0, limit: 0, rights, base: 0 });
    }

    /// MOV to a data segment register or SS (SDM volume 2, MOV).
    pub fn load_data_segment(&mut self, segment: usize, selector: u16) -> Result<(), Trap> {
        if self.real_segments() {
            self.load_real(segment, selector);
            return Ok(());
        }
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
        let loaded = self.load_descriptor(selector, descriptor)?;
        self.set_segment(segment, loaded);
        Ok(())
    }

    fn load_null(&mut self, segment: usize, selector: u16) -> Result<(), Trap> {
        let cpl = self.cpu.cpl();
        if segment == SS && (!self.cpu.mode_64() || cpl == 3 || (selector & 3) as u8 != cpl) {
            return Err(Fault::gp(0).into());
        }
        let dpl = if segment == SS { u32::from(cpl) << 5 } else { 0 };
        let rights = AccessRights(AccessRights::UNUSABLE | dpl);
        // Intel clears the base of a register that is loaded with a null selector.
        self.set_segment(segment, Segment { selector, limit: 0, rights, base: 0 });
        Ok(())
    }

    /// A far transfer's code segment, without gates.
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
        if !is_code || !privilege_fits || self.bad_long(rights) {
            return Err(gp.into());
        }
        if !rights.present() {
            return Err(Fault::np(code(selector)).into());
        }
        self.load_descriptor(selector & !3 | u16::from(new_cpl), descriptor)
    }

    /// In IA-32e mode a code segment cannot have both L and D; outside it L says nothing.
    fn bad_long(&self, rights: AccessRights) -> bool {
        self.cpu.long_mode() && rights.long() && rights.db()
    }

    /// Whether a code segment is one of 64-bit mode.
    pub fn is_code_64(&self, segment: &Segment) -> bool {
        self.cpu.long_mode() && segment.rights.long()
    }

    /// Makes CS current; 64-bit code ignores its base. [`Core::refresh_context`] is to follow.
    pub fn set_code_segment(&mut self, segment: Segment) {
        let base = if self.is_code_64(&segment) { 0 } else { segment.base };
        self.set_segment(CS, Segment { base, ..segment });
    }

    /// On a return to an outer level, registers that it may not use become null (SDM IRET, RET).
    pub fn drop_inner_segments(&mut self, cpl: u8) {
        for segment in [ES, DS, FS, GS] {
            let s = self.cpu.segments[segment];
            let conforming = s.rights.kind() & 0xc == 0xc;
            if !s.rights.unusable() && !conforming && s.rights.dpl() < cpl {
                self.clear_segment(segment);
            }
        }
    }

    /// LLDT and LTR: a system descriptor, of 16 bytes in IA-32e mode (SDM volume 2).
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
        let long = self.cpu.long_mode();
        let at = self.descriptor_address(selector, if long { 16 } else { 8 }, gp)?;
        let low = self.system_read_u64(at)?;
        let high = if long { self.system_read_u64(at.wrapping_add(8))? } else { 0 };
        let rights = AccessRights::from_descriptor(low);
        let fits = match (register, rights.kind()) {
            (TR, 9) | (LDTR, 2) => true,
            (TR, 1) => !long,
            _ => false,
        };
        if rights.is_code_or_data() || !fits || high >> 40 & 0x1f != 0 {
            return Err(gp.into());
        }
        if !rights.present() {
            return Err(Fault::np(code(selector)).into());
        }
        let base = base(low) | high << 32;
        if !canonical(base) {
            return Err(gp.into());
        }
        let mut rights = rights;
        if register == TR {
            // The descriptor becomes busy, in memory too.
            rights = AccessRights(rights.0 | 2);
            self.system_write_u64(at, low | 1 << 41, false)?;
        }
        self.cpu.segments[register] = Segment { selector, limit: limit(low), rights, base };
        Ok(())
    }
}
