//! The floating-point and vector instructions in WebAssembly: one image of them all, that runs natively and in
//! node, and the states that both leave.

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::time::Time;
use iced_x86::code_asm::*;
use iced_x86::{
    CpuidFeature, Decoder, DecoderOptions, Encoder, IcedError, Instruction, Mnemonic as M, OpKind, Register,
};

use super::floats::{Floats, IMAGE};
use super::random::Random;
use super::{boot, encode, vectors};
use crate::common::wasm::Node;

const ENTRY: u64 = 0x20_0000;
/// Where the cases' inputs are, and behind them their results.
const CASES: u64 = 0x60_0000;
/// Bytes of a case's input, and of its result: the state's image, four registers, and the memory operand.
const CASE: u64 = 1024;
const REGISTERS: u64 = 832;
const MEMORY: u64 = 896;
/// Cases for each code.
const TIMES: usize = 6;

/// What loads controls that unmask exceptions, or addresses that are none.
#[rustfmt::skip]
const LEFT_OUT: [M; 20] = [
    M::Fxrstor, M::Fxrstor64, M::Xrstor, M::Xrstor64, M::Fldenv, M::Frstor, M::Fldcw, M::Ldmxcsr, M::Vldmxcsr,
    M::Xsave, M::Xsave64, M::Xsaveopt, M::Xsaveopt64, M::Fxsave, M::Fxsave64, M::Fnsave, M::Vgatherdps,
    M::Vgatherdpd, M::Vgatherqps, M::Vgatherqpd,
];
/// Wider forms of AES and PCLMULQDQ, which no model has.
const ABSENT: [CpuidFeature; 2] = [CpuidFeature::VAES, CpuidFeature::VPCLMULQDQ];
const GATHERS: [M; 4] = [M::Vpgatherdd, M::Vpgatherdq, M::Vpgatherqd, M::Vpgatherqq];

/// The instruction with its memory operand at RBX and RAX for every general register.
fn settled(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut i = Decoder::with_ip(64, bytes, ENTRY, DecoderOptions::NONE).decode();
    if LEFT_OUT.contains(&i.mnemonic()) || GATHERS.contains(&i.mnemonic()) {
        return None;
    }
    for n in 0..i.op_count() {
        match i.op_kind(n) {
            OpKind::Memory => at_rbx(&mut i),
            OpKind::Register if i.op_register(n).is_gpr() => {
                let size = i.op_register(n).size();
                let same = [Register::AL, Register::AX, Register::EAX, Register::RAX];
                let same = same.into_iter().find(|register| register.size() == size)?;
                i.set_op_register(n, same);
            }
            _ => {}
        }
    }
    let mut encoder = Encoder::new(64);
    encoder.encode(&i, ENTRY).ok()?;
    Some(encoder.take_buffer())
}

fn at_rbx(i: &mut Instruction) {
    i.set_memory_base(Register::RBX);
    i.set_memory_index(Register::None);
    i.set_memory_index_scale(1);
    i.set_memory_displacement64(0);
    i.set_memory_displ_size(0);
}

/// Loads a case's state, executes it, stores its state, for every case; exceptions are masked throughout.
fn program(cases: &[Vec<u8>]) -> Result<Vec<u8>, IcedError> {
    let mut a = CodeAssembler::new(64)?;
    boot::enable(&mut a)?;
    a.mov(rsp, CASES - 64)?;
    a.mov(r14, CASES)?;
    a.mov(r15, CASES + CASE * cases.len() as u64)?;
    for case in cases {
        a.mov(eax, 7)?;
        a.xor(edx, edx)?;
        a.xrstor64(ptr(r14))?;
        a.mov(rax, qword_ptr(r14 + REGISTERS))?;
        a.mov(rdx, qword_ptr(r14 + REGISTERS + 8))?;
        a.lea(rbx, ptr(r14 + MEMORY))?;
        a.mov(rdi, rbx)?;
        a.xor(ecx, ecx)?;
        a.db(case)?;
        a.mov(qword_ptr(r15 + REGISTERS), rax)?;
        a.mov(qword_ptr(r15 + REGISTERS + 8), rcx)?;
        a.mov(qword_ptr(r15 + REGISTERS + 16), rdx)?;
        a.pushfq()?;
        a.pop(qword_ptr(r15 + REGISTERS + 24))?;
        a.mov(eax, 7)?;
        a.xor(edx, edx)?;
        a.xsave64(ptr(r15))?;
        a.add(r14, CASE as i32)?;
        a.add(r15, CASE as i32)?;
    }
    a.hlt()?;
    a.assemble(ENTRY)
}

/// A case's registers and memory.
fn input(random: &mut Random) -> Vec<u8> {
    let mut floats = Floats::random(random);
    floats.mxcsr |= 0x1f80;
    floats.control |= 0x3f;
    floats.status &= !0x8080;
    let mut image = [0; IMAGE];
    floats.to_image(&mut image);
    let mut bytes = image.to_vec();
    for _ in 0..2 {
        bytes.extend(random.operand().to_le_bytes());
    }
    bytes.resize(MEMORY as usize, 0);
    while bytes.len() < CASE as usize {
        bytes.extend(random.lane().to_le_bytes());
    }
    bytes
}

/// An ELF64 image of two segments.
fn image(code: &[u8], data: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; 64];
    file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    (file[16], file[18], file[20], file[32], file[54], file[56]) = (2, 62, 1, 64, 56, 2);
    file[24..32].copy_from_slice(&ENTRY.to_le_bytes());
    let mut offset = 64 + 2 * 56;
    for (address, bytes) in [(ENTRY, code), (CASES, data)] {
        // PT_LOAD, its flags; then where it is in the file and in memory, and its sizes.
        file.extend((1u64 | 7 << 32).to_le_bytes());
        for word in [offset, address, address, bytes.len() as u64, bytes.len() as u64, 1] {
            file.extend(word.to_le_bytes());
        }
        offset += bytes.len() as u64;
    }
    file.extend_from_slice(code);
    file.extend_from_slice(data);
    file
}

/// Every code of the table with random operands, natively and in node: all results, and all else of the state.
pub fn same_bits_in_wasm() {
    let Some(mut node) = Node::start() else { return };
    let mut random = Random(0x5eed_f10a);
    let encoded =
        |code| (0..TIMES).filter_map(|_| settled(&encode::code(code, &mut random)?)).collect::<Vec<_>>();
    let codes = vectors::codes().filter(|code| !code.cpuid_features().iter().any(|f| ABSENT.contains(f)));
    let cases: Vec<_> = codes.flat_map(encoded).collect();
    let data: Vec<u8> = cases.iter().flat_map(|_| input(&mut random)).collect();
    let image = image(&program(&cases).expect("a valid program"), &data);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("floats-in-wasm");
    std::fs::write(&path, &image).expect("the image is written");

    let mut config = Config::default_pc();
    config.model = Model::Max;
    config.seed = 1;
    config.peer = crate::common::config(emulator::peer::Workload::Stream, 1).peer;
    let mut machine = Machine::new(&config).expect("a machine");
    machine.load_elf(&image, "", &[]).expect("the image loads");
    node.model(Model::Max);
    node.boot(1, &path, "");
    let mut ran = 0;
    for step in 1.. {
        let end = Time::us(50 * step);
        let stop = machine.run(Budget::until(end));
        let there = node.run(0, end.0, u64::MAX);
        ran += there.retired;
        assert_eq!(machine.retired(), ran, "instructions in WebAssembly, at {end:?}");
        assert_eq!(node.hashes(), (machine.trace_hash(), machine.state_hash()), "at {end:?}");
        assert_eq!(there.goes_on, stop == Stop::Budget);
        if stop != Stop::Budget {
            let reached = (machine.registers(0).regs[14] - CASES) / CASE;
            assert!(matches!(stop, Stop::Halted { .. }), "{stop} in {:02x?}", cases.get(reached as usize));
            break;
        }
    }
    let reached = machine.registers(0).regs[15];
    let end = CASES + 2 * CASE * cases.len() as u64;
    assert_eq!(reached, end, "every case was executed");
    assert!(cases.len() > 3000, "{} cases", cases.len());
    println!("{} cases of {} codes", cases.len(), cases.len() / TIMES);
}
