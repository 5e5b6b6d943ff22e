//! A processor as a tree of named values.

use super::arch::Cpu;
use super::float::F80;
use super::hot::{HotState, Vector};
use super::x87::X87;
use crate::state::Node;

const GENERAL: [&str; 16] = [
    "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14",
    "R15",
];
const SEGMENTS: [&str; 8] = ["ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"];

/// A processor's state by the manual's names.
pub fn processor(cpu: &Cpu, hot: &HotState) -> Node {
    let general = GENERAL.iter().zip(hot.regs).map(|(name, value)| Node::value(*name, value, 64));
    let mut registers: Vec<Node> = general.collect();
    registers.push(Node::value("RIP", hot.rip, 64));
    registers.push(Node::value("RFLAGS", hot.rflags, 64));
    let mut children = vec![
        Node::group("registers", registers),
        Node::group("control", control(cpu)),
        Node::group("debug", debug(cpu)),
        Node::group("segments", segments(cpu, hot)),
        Node::group("vectors", vectors(hot)),
        Node::group("x87", x87(&cpu.x87)),
        Node::text("activity", format!("{:?}", cpu.activity)),
        Node::text("blocking", format!("{:?}", cpu.shadow)),
        Node::count("cycles", hot.cycles),
        Node::count("retired", hot.retired),
    ];
    if cpu.vmx.on {
        let mode = if cpu.vmx.non_root { "non-root" } else { "root" };
        children.push(Node::text("VMX operation", mode));
        children.push(Node::value("current-VMCS pointer", cpu.vmx.pointer, 64));
        children.push(cpu.vmx.vmcs.inspect());
    }
    Node::group(format!("cpu{}", cpu.id), children)
}

fn control(cpu: &Cpu) -> Vec<Node> {
    vec![
        Node::value("CR0", cpu.cr0, 64),
        Node::value("CR2", cpu.cr2, 64),
        Node::value("CR3", cpu.cr3, 64),
        Node::value("CR4", cpu.cr4, 64),
        Node::value("IA32_EFER", cpu.efer, 64),
        Node::value("XCR0", cpu.xcr0, 64),
        Node::value("GDTR.base", cpu.gdtr.base, 64),
        Node::value("GDTR.limit", cpu.gdtr.limit.into(), 16),
        Node::value("IDTR.base", cpu.idtr.base, 64),
        Node::value("IDTR.limit", cpu.idtr.limit.into(), 16),
        Node::value("IA32_STAR", cpu.msrs.star, 64),
        Node::value("IA32_LSTAR", cpu.msrs.lstar, 64),
        Node::value("IA32_FMASK", cpu.msrs.fmask, 64),
    ]
}

fn debug(cpu: &Cpu) -> Vec<Node> {
    let registers = [(0, "DR0"), (1, "DR1"), (2, "DR2"), (3, "DR3"), (6, "DR6"), (7, "DR7")];
    let value = |(n, name): (usize, &str)| Node::value(name, cpu.dr[n], 64);
    let mut nodes: Vec<Node> = registers.into_iter().map(value).collect();
    nodes.push(Node::value("pending debug exceptions", cpu.pending_debug, 64));
    nodes
}

/// XMM and upper YMM halves, 64 bits a value, the lowest first.
fn vectors(hot: &HotState) -> Vec<Node> {
    let words = |lanes: [u128; 2]| lanes.into_iter().flat_map(|lane| [lane as u64, (lane >> 64) as u64]);
    let node = |(n, vector): (usize, &Vector)| {
        let parts = words(vector.lanes).enumerate();
        let values = parts.map(|(k, word)| Node::value(format!("{}:{}", 64 * k + 63, 64 * k), word, 64));
        Node::group(format!("YMM{n}"), values.collect())
    };
    let mut nodes: Vec<Node> = hot.vectors.iter().enumerate().map(node).collect();
    nodes.push(Node::value("MXCSR", hot.mxcsr.into(), 32));
    nodes
}

/// The x87 by physical registers.
fn x87(x87: &X87) -> Vec<Node> {
    let node = |(n, value): (usize, &F80)| {
        let parts = vec![
            Node::value("significand", value.sig, 64),
            Node::value("sign and exponent", value.se.into(), 16),
        ];
        Node::group(format!("R{n}"), parts)
    };
    let mut nodes: Vec<Node> = x87.registers.iter().enumerate().map(node).collect();
    nodes.extend([
        Node::value("FCW", x87.control().into(), 16),
        Node::value("FSW", x87.status().into(), 16),
        Node::value("FTW", x87.tags().into(), 16),
        Node::value("FOP", x87.opcode.into(), 11),
        Node::value("FIP", x87.ip, 64),
        Node::value("FDP", x87.dp, 64),
    ]);
    nodes
}

fn segments(cpu: &Cpu, hot: &HotState) -> Vec<Node> {
    let node = |(i, name): (usize, &&str)| {
        let s = &cpu.segments[i];
        let base = if i < 6 { hot.seg_base[i] } else { s.base };
        let parts = vec![
            Node::value("selector", s.selector.into(), 16),
            Node::value("base", base, 64),
            Node::value("limit", s.limit.into(), 32),
            Node::value("access rights", s.rights.0.into(), 32),
        ];
        Node::group(*name, parts)
    };
    SEGMENTS.iter().enumerate().map(node).collect()
}
