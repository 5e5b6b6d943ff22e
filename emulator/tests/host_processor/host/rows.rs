//! Rows by family and width, each run with many operands.

use iced_x86::IcedError;
use iced_x86::code_asm::*;

type Row = fn(&mut CodeAssembler) -> Result<(), IcedError>;

macro_rules! rows {
    ($($name:ident($($arg:expr),*);)*) => { &[$(|a| a.$name($($arg),*)),*] };
}

const SIMPLE: &[Row] = rows! {
    add(al, bh); add(cx, r9w); add(eax, dword_ptr(rbx + rsi * 4 + 8)); add(qword_ptr(r10), rdx); add(rax, -1);
    adc(cl, dl); adc(dx, cx); adc(r8d, eax); adc(rbx, rcx); adc(dword_ptr(rdi), 0x7fff_ffff);
    sub(ah, ch); sub(bx, 1); sub(ecx, edx); sub(r15, r14); sub(byte_ptr(rbp - 8), al);
    sbb(dl, dl); sbb(ax, cx); sbb(edi, esi); sbb(rax, rdx); sbb(word_ptr(r13), 5);
    cmp(bl, 0x80); cmp(r8w, r9w); cmp(eax, i32::MIN); cmp(rax, qword_ptr(rbx)); cmp(rcx, rdx);
    and(al, cl); or(ecx, edx); xor(rax, rax); xor(dword_ptr(rsi), ecx); test(rax, rax); test(cl, 0x80);
    inc(al); inc(cx); inc(edx); inc(qword_ptr(rdi)); dec(ah); dec(r8d); dec(rax); dec(word_ptr(rbx));
    neg(al); neg(cx); neg(r9d); neg(qword_ptr(rcx)); not(al); not(rdx); not(dword_ptr(r11));
    shl(al, cl); shl(ax, cl); shl(edx, cl); shl(rdx, cl); shl(qword_ptr(rbx), 1); shl(ebx, 31);
    shr(al, cl); shr(ax, cl); shr(edx, cl); shr(rdx, cl); shr(byte_ptr(rbx), 1); shr(rbx, 63);
    sar(al, cl); sar(ax, cl); sar(edx, cl); sar(rdx, cl); sar(dword_ptr(rbx), cl); sar(bx, 15);
    rol(al, cl); rol(ax, cl); rol(edx, cl); rol(rdx, cl); rol(cl, 1); rol(bl, 8);
    ror(al, cl); ror(ax, cl); ror(edx, cl); ror(rdx, cl); ror(cx, 1); ror(bx, 16);
    rcl(al, cl); rcl(ax, cl); rcl(edx, cl); rcl(rdx, cl); rcl(ecx, 1); rcl(bl, 9);
    rcr(al, cl); rcr(ax, cl); rcr(edx, cl); rcr(rdx, cl); rcr(rcx, 1); rcr(bx, 17);
    shld(ax, dx, cl); shld(eax, edx, cl); shld(rax, rdx, cl); shld(qword_ptr(rsi), rdx, 7);
    shrd(ax, dx, cl); shrd(eax, edx, cl); shrd(rax, rdx, cl); shrd(dword_ptr(rsi), edx, 1);
    mul(cl); mul(bx); mul(ecx); mul(rbx); mul(qword_ptr(rsi)); imul(cl); imul(bx); imul(ecx); imul(rbx);
    imul_2(ax, cx); imul_2(eax, ecx); imul_2(rax, qword_ptr(rbx)); imul_3(cx, dx, -3); imul_3(rcx, rdx, 0x1234_5678);
    div(cl); div(bx); div(ecx); div(rbx); div(ah); div(qword_ptr(rsi)); idiv(cl); idiv(bx); idiv(ecx); idiv(rbx);
    idiv(dword_ptr(rdi)); cbw(); cwde(); cdqe(); cwd(); cdq(); cqo();
    movzx(eax, ah); movzx(cx, dl); movzx(rax, word_ptr(rbx)); movsx(eax, cl); movsx(rdx, ax); movsxd(rax, ecx);
    xchg(al, ah); xchg(rax, rcx); xchg(dword_ptr(rbx), edx); xadd(al, al); xadd(ecx, edx); xadd(qword_ptr(rsi), rax);
    cmpxchg(cl, dl); cmpxchg(ecx, edx); cmpxchg(eax, edx); cmpxchg(rcx, rdx); cmpxchg(dword_ptr(rbx), ecx);
    cmpxchg8b(qword_ptr(rsi)); cmpxchg16b(xmmword_ptr(rsi)); bswap(eax); bswap(r9); xlatb(); lahf(); sahf();
    bt(eax, ecx); bts(rax, rcx); btr(ax, 15); btc(qword_ptr(rbx), rdx); bts(word_ptr(rbx), cx); btr(dword_ptr(rsi), 40);
    bsf(eax, ecx); bsf(rax, rcx); bsr(ax, cx); bsr(rax, qword_ptr(rbx)); popcnt(eax, ecx); popcnt(rax, rdx);
    crc32(eax, cl); crc32(ecx, dword_ptr(rbx)); crc32(rax, rdx); lea(eax, ptr(rbx + rcx * 8 - 4)); lea(r8, ptr(esi + edi));
    push(rax); push(rsp); push(ax); push(-5); push(qword_ptr(rsp + 8)); pop(rcx); pop(rsp); pop(cx);
    pop(qword_ptr(rsp)); enter(16, 0); enter(32, 1); enter(8, 5); leave(); pushfq(); popfq(); pushf(); popf();
    ret(); ret_1(24); call(rax); jmp(qword_ptr(rbx)); call(qword_ptr(rsp)); setg(ah); setb(byte_ptr(rcx));
    cmovl(eax, ecx); cmovbe(rax, qword_ptr(rbx)); cmovp(r8w, cx);
    clc(); stc(); cmc(); cld(); std(); nop(); pause(); endbr32(); endbr64(); lfence(); sfence(); mfence(); ud2();
    ud1(eax, ecx); prefetcht0(ptr(rax)); prefetcht1(ptr(rax)); prefetcht2(ptr(rax)); prefetchnta(ptr(rax));
    prefetch(ptr(rax)); prefetchw(ptr(rax)); prefetchwt1(ptr(rax));
    jmp(16u64); call(16u64); loop_(16u64); loope(16u64); loopne(16u64); jrcxz(16u64);
    jo(16u64); jno(16u64); jb(16u64); jae(16u64); je(16u64); jne(16u64); jbe(16u64); ja(16u64);
    js(16u64); jns(16u64); jp(16u64); jnp(16u64); jl(16u64); jge(16u64); jle(16u64); jg(16u64);
    movsb(); movsq(); stosw(); stosd(); lodsb(); lodsd(); scasb(); scasq(); cmpsb(); cmpsd();
};

const PREFIXED: &[Row] = &[
    |a| a.rep().movsb(),
    |a| a.rep().movsw(),
    |a| a.rep().movsd(),
    |a| a.rep().movsq(),
    |a| a.rep().stosb(),
    |a| a.rep().stosq(),
    |a| a.rep().lodsw(),
    |a| a.repe().cmpsb(),
    |a| a.repe().cmpsq(),
    |a| a.repne().cmpsd(),
    |a| a.repne().scasb(),
    |a| a.repne().scasw(),
    |a| a.repe().scasd(),
    |a| a.lock().add(dword_ptr(rbx), ecx),
    |a| a.lock().cmpxchg(qword_ptr(rbx), rcx),
    |a| a.lock().xadd(word_ptr(rdi), ax),
    |a| a.lock().bts(qword_ptr(rsi), rcx),
    |a| a.lock().cmpxchg16b(xmmword_ptr(rdi)),
];

/// What the assembler does not offer in 64-bit mode: JECXZ, and LOOP and its kin counting by ECX; and RDSSPD.
const BYTES: [&[u8]; 6] = [
    &[0x67, 0xe3, 0x10],
    &[0x67, 0xe2, 0x10],
    &[0x67, 0xe1, 0x10],
    &[0x67, 0xe0, 0x10],
    &[0xc2, 0, 0],
    &[0xf3, 0x0f, 0x1e, 0xc8],
];

/// Every row's bytes, padded for the decoder.
pub fn assemble() -> Vec<Vec<u8>> {
    let bytes = |row: &Row| {
        let mut assembler = CodeAssembler::new(64).expect("64 bits are a mode");
        row(&mut assembler).expect("a valid row");
        let mut bytes = assembler.assemble(0).expect("a row that can be encoded");
        bytes.resize(24, 0x90);
        bytes
    };
    let padded = |row: &&[u8]| {
        let mut bytes = row.to_vec();
        bytes.resize(24, 0x90);
        bytes
    };
    SIMPLE.iter().chain(PREFIXED).map(bytes).chain(BYTES.iter().map(padded)).collect()
}
