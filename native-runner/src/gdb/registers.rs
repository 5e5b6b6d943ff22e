//! What gdb is told of the processor: a target description, and registers in its order.

use std::fmt::Write;
use std::sync::LazyLock;

use emulator::cpu::HotState;
use emulator::cpu::x87::X87;
use emulator::machine::Machine;
use emulator::state::Node;
use gdbstub::arch::{Arch, Registers};

/// Where a register's value comes from.
#[derive(Clone, Copy, Debug)]
enum From {
    /// A general register, by the number of its encoding.
    General(usize),
    Rip,
    Rflags,
    /// A segment base, by the number of its encoding.
    Base(usize),
    /// A value of the processor's tree, by its path.
    Tree(&'static str),
    /// Bits 7:4 of the local APIC's task priority.
    Cr8,
    /// The low 128 bits of a vector register.
    Xmm(usize),
    Mxcsr,
    /// An x87 register by its place on the stack.
    St(u8),
    /// One of the x87's other registers.
    X87(fn(&X87) -> u64),
}

struct Register {
    name: &'static str,
    bits: usize,
    kind: &'static str,
    from: From,
}

const fn r(name: &'static str, bits: usize, kind: &'static str, from: From) -> Register {
    Register { name, bits, kind, from }
}

const fn general(name: &'static str, number: usize) -> Register {
    r(name, 64, "int64", From::General(number))
}

const fn selector(name: &'static str, path: &'static str) -> Register {
    r(name, 32, "int32", From::Tree(path))
}

const fn system(name: &'static str, path: &'static str) -> Register {
    r(name, 64, "int64", From::Tree(path))
}

const fn base(name: &'static str, number: usize) -> Register {
    r(name, 64, "data_ptr", From::Base(number))
}

const fn x87(name: &'static str, place: u8) -> Register {
    r(name, 80, "i387_ext", From::St(place))
}

const fn x87_control(name: &'static str, value: fn(&X87) -> u64) -> Register {
    r(name, 32, "int32", From::X87(value))
}

const fn xmm(name: &'static str, number: usize) -> Register {
    r(name, 128, "vec128", From::Xmm(number))
}

/// gdb's features, with the registers in the order that it numbers them.
const FEATURES: [(&str, &[Register]); 4] = [
    (
        "org.gnu.gdb.i386.core",
        &[
            general("rax", 0),
            general("rbx", 3),
            general("rcx", 1),
            general("rdx", 2),
            general("rsi", 6),
            general("rdi", 7),
            r("rbp", 64, "data_ptr", From::General(5)),
            r("rsp", 64, "data_ptr", From::General(4)),
            general("r8", 8),
            general("r9", 9),
            general("r10", 10),
            general("r11", 11),
            general("r12", 12),
            general("r13", 13),
            general("r14", 14),
            general("r15", 15),
            r("rip", 64, "code_ptr", From::Rip),
            r("eflags", 32, "int32", From::Rflags),
            selector("cs", "segments/CS/selector"),
            selector("ss", "segments/SS/selector"),
            selector("ds", "segments/DS/selector"),
            selector("es", "segments/ES/selector"),
            selector("fs", "segments/FS/selector"),
            selector("gs", "segments/GS/selector"),
            x87("st0", 0),
            x87("st1", 1),
            x87("st2", 2),
            x87("st3", 3),
            x87("st4", 4),
            x87("st5", 5),
            x87("st6", 6),
            x87("st7", 7),
            x87_control("fctrl", |x| x.control().into()),
            x87_control("fstat", |x| x.status().into()),
            x87_control("ftag", |x| x.tags().into()),
            x87_control("fiseg", |x| x.ip >> 32 & 0xffff),
            x87_control("fioff", |x| x.ip & 0xffff_ffff),
            x87_control("foseg", |x| x.dp >> 32 & 0xffff),
            x87_control("fooff", |x| x.dp & 0xffff_ffff),
            x87_control("fop", |x| x.opcode.into()),
        ],
    ),
    (
        "org.gnu.gdb.i386.sse",
        &[
            xmm("xmm0", 0),
            xmm("xmm1", 1),
            xmm("xmm2", 2),
            xmm("xmm3", 3),
            xmm("xmm4", 4),
            xmm("xmm5", 5),
            xmm("xmm6", 6),
            xmm("xmm7", 7),
            xmm("xmm8", 8),
            xmm("xmm9", 9),
            xmm("xmm10", 10),
            xmm("xmm11", 11),
            xmm("xmm12", 12),
            xmm("xmm13", 13),
            xmm("xmm14", 14),
            xmm("xmm15", 15),
            r("mxcsr", 32, "int32", From::Mxcsr),
        ],
    ),
    ("org.gnu.gdb.i386.segments", &[base("fs_base", 4), base("gs_base", 5)]),
    (
        "exitless.system",
        &[
            base("es_base", 0),
            base("cs_base", 1),
            base("ss_base", 2),
            base("ds_base", 3),
            system("idtr_base", "control/IDTR.base"),
            system("gdtr_base", "control/GDTR.base"),
            system("cr0", "control/CR0"),
            system("cr2", "control/CR2"),
            system("cr3", "control/CR3"),
            system("cr4", "control/CR4"),
            r("cr8", 64, "int64", From::Cr8),
            system("efer", "control/IA32_EFER"),
        ],
    ),
];

fn all() -> impl Iterator<Item = &'static Register> {
    FEATURES.iter().flat_map(|(_, registers)| *registers)
}

/// The description that gdb asks for.
static DESCRIPTION: LazyLock<String> = LazyLock::new(|| {
    let mut xml = String::from("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">");
    xml.push_str("<target><architecture>i386:x86-64</architecture>");
    for (feature, registers) in FEATURES {
        _ = write!(xml, "<feature name=\"{feature}\">");
        if feature.ends_with(".sse") {
            xml.push_str("<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>");
            xml.push_str("<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>");
            xml.push_str("<vector id=\"v2i64\" type=\"int64\" count=\"2\"/><union id=\"vec128\">");
            xml.push_str("<field name=\"v4_float\" type=\"v4f\"/><field name=\"v2_double\" type=\"v2d\"/>");
            xml.push_str(
                "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>",
            );
        }
        for Register { name, bits, kind, .. } in registers {
            _ = write!(xml, "<reg name=\"{name}\" bitsize=\"{bits}\" type=\"{kind}\"/>");
        }
        xml.push_str("</feature>");
    }
    xml.push_str("</target>");
    xml
});

/// All registers, in the description's order; `None` is unavailable.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(Vec<Option<u128>>);

impl Default for Values {
    fn default() -> Values {
        Values(vec![None; all().count()])
    }
}

impl Values {
    /// The registers of processor `cpu`.
    pub fn of(machine: &Machine, cpu: u8) -> Values {
        let state = machine.registers(cpu);
        let tree = machine.inspect_processor(cpu);
        let word = |path: &str| match tree.find(path) {
            Some(Node::Value { value, .. }) => Some(*value),
            _ => None,
        };
        let x87 = machine.x87(cpu);
        let value = |register: &Register| match register.from {
            From::General(i) => state.regs.get(i).copied().map(u128::from),
            From::Rip => Some(state.rip.into()),
            From::Rflags => Some(state.rflags.into()),
            From::Base(i) => state.seg_base.get(i).copied().map(u128::from),
            From::Tree(path) => word(path).map(u128::from),
            From::Cr8 => Some(u128::from(machine.task_priority(cpu) >> 4)),
            From::Xmm(i) => state.vectors.get(i).map(|v| v.lanes[0]),
            From::Mxcsr => Some(state.mxcsr.into()),
            From::St(i) => x87.map(|x| x.st(i)).map(|f| u128::from(f.se) << 64 | u128::from(f.sig)),
            From::X87(value) => x87.map(value).map(u128::from),
        };
        Values(all().map(value).collect())
    }

    /// The registers with what differs from the machine's; none where something of that cannot be written.
    pub fn written(&self, machine: &Machine, cpu: u8) -> Option<HotState> {
        let now = Values::of(machine, cpu);
        let mut state = machine.registers(cpu);
        for ((register, value), now) in all().zip(&self.0).zip(&now.0) {
            let Some(value) = value.filter(|_| value != now) else { continue };
            let target = match register.from {
                From::General(i) => state.regs.get_mut(i),
                From::Rip => Some(&mut state.rip),
                From::Rflags => Some(&mut state.rflags),
                From::Xmm(i) => {
                    let vector = state.vectors.get_mut(i)?;
                    vector.lanes[0] = value;
                    continue;
                }
                _ => None,
            };
            *target? = value as u64;
        }
        Some(state)
    }
}

impl Registers for Values {
    type ProgramCounter = u64;

    fn pc(&self) -> u64 {
        let rip = all().position(|r| matches!(r.from, From::Rip));
        rip.and_then(|i| self.0.get(i).copied().flatten()).unwrap_or(0) as u64
    }

    fn gdb_serialize(&self, mut write_byte: impl FnMut(Option<u8>)) {
        for (register, value) in all().zip(&self.0) {
            for i in 0..register.bits / 8 {
                write_byte(value.map(|v| (v >> (8 * i)) as u8));
            }
        }
    }

    fn gdb_deserialize(&mut self, mut bytes: &[u8]) -> Result<(), ()> {
        for (register, value) in all().zip(&mut self.0) {
            let (field, rest) = bytes.split_at_checked(register.bits / 8).ok_or(())?;
            *value = Some(field.iter().rev().fold(0, |v, b| v << 8 | u128::from(*b)));
            bytes = rest;
        }
        Ok(())
    }
}

/// The architecture, as `gdbstub` wants it.
#[derive(Debug)]
pub enum X86 {}

impl Arch for X86 {
    type Usize = u64;
    type Registers = Values;
    type BreakpointKind = usize;
    type RegId = ();

    fn target_description_xml() -> Option<&'static str> {
        Some(&DESCRIPTION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_survive_the_wire_and_a_short_packet_is_refused() {
        let mut values = Values::default();
        for (i, value) in values.0.iter_mut().enumerate() {
            *value = Some(i as u128 + 1);
        }
        let mut bytes = Vec::new();
        values.gdb_serialize(|byte| bytes.push(byte.unwrap_or(0)));
        let mut back = Values::default();
        assert_eq!(back.gdb_deserialize(&bytes), Ok(()));
        assert_eq!((back.pc(), &back), (17, &values));
        assert_eq!(back.gdb_deserialize(&bytes[1..]), Err(()));
    }

    #[test]
    fn the_description_has_the_registers_that_gdb_looks_for() {
        let xml = X86::target_description_xml().unwrap_or_default();
        for name in ["rip", "eflags", "fs_base", "cr3", "cr8", "efer", "xmm15", "mxcsr"] {
            assert!(xml.contains(&format!("<reg name=\"{name}\"")), "{name}");
        }
    }
}
