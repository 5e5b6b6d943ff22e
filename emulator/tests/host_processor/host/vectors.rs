//! The floating-point and vector instructions compared, by family.

use super::account;
use super::case::{Case, Ending, Outcome, Registers, address};
use iced_x86::{Code, EncodingKind, Instruction, Mnemonic as M};

/// By family.
#[rustfmt::skip]
pub const FAMILIES: &[(&str, &[M])] = &[
    ("packed integers", &[
        M::Paddb, M::Paddw, M::Paddd, M::Paddq, M::Psubb, M::Psubw, M::Psubd, M::Psubq, M::Paddsb,
        M::Paddsw, M::Paddusb, M::Paddusw, M::Psubsb, M::Psubsw, M::Psubusb, M::Psubusw, M::Pmullw,
        M::Pmulhw, M::Pmulhuw, M::Pmulhrsw, M::Pmuludq, M::Pmaddwd, M::Pmaddubsw, M::Pavgb,
        M::Pavgw, M::Psadbw, M::Pminub, M::Pmaxub, M::Pminsw, M::Pmaxsw, M::Pand, M::Pandn, M::Por,
        M::Pxor, M::Pcmpeqb, M::Pcmpeqw, M::Pcmpeqd, M::Pcmpgtb, M::Pcmpgtw, M::Pcmpgtd, M::Pabsb,
        M::Pabsw, M::Pabsd, M::Psignb, M::Psignw, M::Psignd, M::Phaddw, M::Phaddd, M::Phaddsw,
        M::Phsubw, M::Phsubd, M::Phsubsw, M::Andps, M::Andpd, M::Andnps, M::Andnpd, M::Orps,
        M::Orpd, M::Xorps, M::Xorpd, M::Pmulld, M::Pmuldq, M::Pcmpeqq, M::Pcmpgtq, M::Pminsb,
        M::Pmaxsb, M::Pminuw, M::Pmaxuw, M::Pminud, M::Pmaxud, M::Pminsd, M::Pmaxsd, M::Phminposuw,
        M::Mpsadbw, M::Psllw, M::Pslld, M::Psllq, M::Psrlw, M::Psrld, M::Psrlq, M::Psraw, M::Psrad,
        M::Pslldq, M::Psrldq,
    ]),
    ("packing, shuffling, extension", &[
        M::Packsswb, M::Packssdw, M::Packuswb, M::Punpcklbw, M::Punpcklwd, M::Punpckldq,
        M::Punpckhbw, M::Punpckhwd, M::Punpckhdq, M::Pshufb, M::Palignr, M::Pinsrb, M::Pinsrw,
        M::Pinsrd, M::Pinsrq, M::Pshufw, M::Punpcklqdq, M::Punpckhqdq, M::Unpcklps, M::Unpckhps,
        M::Unpcklpd, M::Unpckhpd, M::Packusdw, M::Pshufd, M::Pshuflw, M::Pshufhw, M::Shufps,
        M::Shufpd, M::Movsldup, M::Movshdup, M::Blendps, M::Blendpd, M::Pblendw, M::Pmovsxbw,
        M::Pmovsxbd, M::Pmovsxbq, M::Pmovsxwd, M::Pmovsxwq, M::Pmovsxdq, M::Pmovzxbw, M::Pmovzxbd,
        M::Pmovzxbq, M::Pmovzxwd, M::Pmovzxwq, M::Pmovzxdq, M::Pblendvb, M::Blendvps, M::Blendvpd,
        M::Movmskps, M::Movmskpd,
    ]),
    ("packed and scalar arithmetic", &[
        M::Addps, M::Addss, M::Addpd, M::Addsd, M::Subps, M::Subss, M::Subpd, M::Subsd, M::Mulps,
        M::Mulss, M::Mulpd, M::Mulsd, M::Divps, M::Divss, M::Divpd, M::Divsd, M::Minps, M::Minss,
        M::Minpd, M::Minsd, M::Maxps, M::Maxss, M::Maxpd, M::Maxsd, M::Sqrtps, M::Sqrtss, M::Sqrtpd,
        M::Sqrtsd, M::Cmpps, M::Cmpss, M::Cmppd, M::Cmpsd, M::Addsubps, M::Addsubpd, M::Haddps,
        M::Haddpd, M::Hsubps, M::Hsubpd, M::Rcpps, M::Rcpss, M::Rsqrtps, M::Rsqrtss, M::Roundps,
        M::Roundss, M::Roundpd, M::Roundsd, M::Dpps, M::Dppd,
    ]),
    ("vector conversions", &[
        M::Cvtdq2ps, M::Cvtps2dq, M::Cvttps2dq, M::Cvtdq2pd, M::Cvtps2pd, M::Cvtss2sd, M::Cvtsd2ss,
        M::Cvtpd2ps, M::Cvtpd2dq, M::Cvttpd2dq,
    ]),
    ("vector moves", &[
        M::Movaps, M::Movapd, M::Movdqa, M::Movntdqa, M::Movups, M::Movupd, M::Movdqu, M::Lddqu,
        M::Movddup, M::Movss, M::Movsd, M::Movlps, M::Movlpd, M::Movhps, M::Movhpd, M::Movlhps,
        M::Movhlps, M::Movntps, M::Movntpd, M::Movntdq, M::Movntq, M::Movd, M::Movq, M::Movq2dq,
        M::Movdq2q, M::Movnti, M::Maskmovq, M::Maskmovdqu,
    ]),
    ("results elsewhere", &[
        M::Comiss, M::Comisd, M::Ucomiss, M::Ucomisd, M::Ptest, M::Pcmpestri, M::Pcmpestrm,
        M::Pcmpistri, M::Pcmpistrm, M::Pcmpestri64, M::Pcmpestrm64, M::Pmovmskb, M::Pextrb,
        M::Pextrw, M::Pextrd, M::Pextrq, M::Extractps, M::Insertps, M::Cvtss2si, M::Cvttss2si,
        M::Cvtsd2si, M::Cvttsd2si, M::Cvtsi2ss, M::Cvtsi2sd, M::Cvtpi2ps, M::Cvtpi2pd, M::Cvtps2pi,
        M::Cvttps2pi, M::Cvtpd2pi, M::Cvttpd2pi, M::Emms, M::Ldmxcsr, M::Stmxcsr,
    ]),
    ("x87 arithmetic", &[
        M::Fadd, M::Faddp, M::Fiadd, M::Fsub, M::Fsubp, M::Fisub, M::Fsubr, M::Fsubrp, M::Fisubr,
        M::Fmul, M::Fmulp, M::Fimul, M::Fdiv, M::Fdivp, M::Fidiv, M::Fdivr, M::Fdivrp, M::Fidivr,
        M::Fsqrt, M::Fabs, M::Fchs, M::Frndint, M::Fscale, M::Fprem, M::Fprem1, M::Fxtract,
    ]),
    ("x87 moves", &[
        M::Fld, M::Fild, M::Fbld, M::Fst, M::Fstp, M::Fist, M::Fistp, M::Fisttp, M::Fbstp, M::Fxch,
        M::Fcmovb, M::Fcmove, M::Fcmovbe, M::Fcmovu, M::Fcmovnb, M::Fcmovne, M::Fcmovnbe,
        M::Fcmovnu, M::Fld1, M::Fldz, M::Fldl2t, M::Fldl2e, M::Fldpi, M::Fldlg2, M::Fldln2,
    ]),
    ("x87 comparisons", &[
        M::Fcom, M::Fcomp, M::Fcompp, M::Fucom, M::Fucomp, M::Fucompp, M::Ficom, M::Ficomp,
        M::Fcomi, M::Fcomip, M::Fucomi, M::Fucomip, M::Ftst, M::Fxam,
    ]),
    ("x87 transcendentals", &[
        M::Fsin, M::Fcos, M::Fsincos, M::Fptan, M::Fpatan, M::F2xm1, M::Fyl2x, M::Fyl2xp1,
    ]),
    ("x87 control", &[
        M::Fninit, M::Fnclex, M::Fldcw, M::Fnstcw, M::Fnstsw, M::Fnstenv, M::Fldenv, M::Fnsave,
        M::Frstor, M::Fincstp, M::Fdecstp, M::Ffree, M::Ffreep, M::Fnop, M::Wait,
    ]),
    ("states", &[
        M::Fxsave, M::Fxsave64, M::Fxrstor, M::Fxrstor64, M::Xsave, M::Xsave64, M::Xrstor,
        M::Xrstor64, M::Xsaveopt, M::Xsaveopt64,
    ]),
    ("byte swaps", &[
        M::Movbe,
    ]),
    ("packed integers, VEX", &[
        M::Vpaddb, M::Vpaddw, M::Vpaddd, M::Vpaddq, M::Vpsubb, M::Vpsubw, M::Vpsubd, M::Vpsubq,
        M::Vpaddsb, M::Vpaddsw, M::Vpaddusb, M::Vpaddusw, M::Vpsubsb, M::Vpsubsw, M::Vpsubusb,
        M::Vpsubusw, M::Vpmullw, M::Vpmulhw, M::Vpmulhuw, M::Vpmulhrsw, M::Vpmuludq, M::Vpmaddwd,
        M::Vpmaddubsw, M::Vpavgb, M::Vpavgw, M::Vpsadbw, M::Vpminub, M::Vpmaxub, M::Vpminsw,
        M::Vpmaxsw, M::Vpand, M::Vpandn, M::Vpor, M::Vpxor, M::Vpcmpeqb, M::Vpcmpeqw, M::Vpcmpeqd,
        M::Vpcmpgtb, M::Vpcmpgtw, M::Vpcmpgtd, M::Vpabsb, M::Vpabsw, M::Vpabsd, M::Vpsignb,
        M::Vpsignw, M::Vpsignd, M::Vphaddw, M::Vphaddd, M::Vphaddsw, M::Vphsubw, M::Vphsubd,
        M::Vphsubsw, M::Vandps, M::Vandpd, M::Vandnps, M::Vandnpd, M::Vorps, M::Vorpd, M::Vxorps,
        M::Vxorpd, M::Vpmulld, M::Vpmuldq, M::Vpcmpeqq, M::Vpcmpgtq, M::Vpminsb, M::Vpmaxsb,
        M::Vpminuw, M::Vpmaxuw, M::Vpminud, M::Vpmaxud, M::Vpminsd, M::Vpmaxsd, M::Vphminposuw,
        M::Vmpsadbw, M::Vpsllw, M::Vpslld, M::Vpsllq, M::Vpsrlw, M::Vpsrld, M::Vpsrlq, M::Vpsraw,
        M::Vpsrad, M::Vpslldq, M::Vpsrldq, M::Vpsllvd, M::Vpsllvq, M::Vpsrlvd, M::Vpsrlvq,
        M::Vpsravd,
    ]),
    ("packing, shuffling, extension, VEX", &[
        M::Vpacksswb, M::Vpackssdw, M::Vpackuswb, M::Vpunpcklbw, M::Vpunpcklwd, M::Vpunpckldq,
        M::Vpunpckhbw, M::Vpunpckhwd, M::Vpunpckhdq, M::Vpshufb, M::Vpalignr, M::Vpinsrb,
        M::Vpinsrw, M::Vpinsrd, M::Vpinsrq, M::Vpunpcklqdq, M::Vpunpckhqdq, M::Vunpcklps,
        M::Vunpckhps, M::Vunpcklpd, M::Vunpckhpd, M::Vpackusdw, M::Vpshufd, M::Vpshuflw,
        M::Vpshufhw, M::Vshufps, M::Vshufpd, M::Vmovsldup, M::Vmovshdup, M::Vblendps, M::Vblendpd,
        M::Vpblendw, M::Vpmovsxbw, M::Vpmovsxbd, M::Vpmovsxbq, M::Vpmovsxwd, M::Vpmovsxwq,
        M::Vpmovsxdq, M::Vpmovzxbw, M::Vpmovzxbd, M::Vpmovzxbq, M::Vpmovzxwd, M::Vpmovzxwq,
        M::Vpmovzxdq, M::Vpblendvb, M::Vblendvps, M::Vblendvpd, M::Vmovmskps, M::Vmovmskpd,
        M::Vpmovmskb,
    ]),
    ("packed and scalar arithmetic, VEX", &[
        M::Vaddps, M::Vaddss, M::Vaddpd, M::Vaddsd, M::Vsubps, M::Vsubss, M::Vsubpd, M::Vsubsd,
        M::Vmulps, M::Vmulss, M::Vmulpd, M::Vmulsd, M::Vdivps, M::Vdivss, M::Vdivpd, M::Vdivsd,
        M::Vminps, M::Vminss, M::Vminpd, M::Vminsd, M::Vmaxps, M::Vmaxss, M::Vmaxpd, M::Vmaxsd,
        M::Vsqrtps, M::Vsqrtss, M::Vsqrtpd, M::Vsqrtsd, M::Vcmpps, M::Vcmpss, M::Vcmppd, M::Vcmpsd,
        M::Vaddsubps, M::Vaddsubpd, M::Vhaddps, M::Vhaddpd, M::Vhsubps, M::Vhsubpd, M::Vrcpps,
        M::Vrcpss, M::Vrsqrtps, M::Vrsqrtss, M::Vroundps, M::Vroundss, M::Vroundpd, M::Vroundsd,
        M::Vdpps, M::Vdppd,
    ]),
    ("vector conversions, VEX", &[
        M::Vcvtdq2ps, M::Vcvtps2dq, M::Vcvttps2dq, M::Vcvtdq2pd, M::Vcvtps2pd, M::Vcvtss2sd,
        M::Vcvtsd2ss,
    ]),
    ("vector moves, VEX", &[
        M::Vmovaps, M::Vmovapd, M::Vmovdqa, M::Vmovntdqa, M::Vmovups, M::Vmovupd, M::Vmovdqu,
        M::Vlddqu, M::Vmovss, M::Vmovsd, M::Vmovlps, M::Vmovlpd, M::Vmovhps, M::Vmovhpd,
        M::Vmovlhps, M::Vmovhlps, M::Vmovntps, M::Vmovntpd, M::Vmovntdq, M::Vmovd, M::Vmovq,
        M::Vmaskmovdqu,
    ]),
    ("results elsewhere, VEX", &[
        M::Vcomiss, M::Vcomisd, M::Vucomiss, M::Vucomisd, M::Vptest, M::Vtestps, M::Vtestpd,
        M::Vpcmpestri, M::Vpcmpestrm, M::Vpcmpistri, M::Vpcmpistrm, M::Vpcmpestri64,
        M::Vpcmpestrm64, M::Vpextrb, M::Vpextrw, M::Vpextrd, M::Vpextrq, M::Vextractps,
        M::Vinsertps, M::Vcvtss2si, M::Vcvttss2si, M::Vcvtsd2si, M::Vcvttsd2si, M::Vcvtsi2ss,
        M::Vcvtsi2sd, M::Vcvtpd2ps, M::Vcvtpd2dq, M::Vcvttpd2dq, M::Vldmxcsr, M::Vstmxcsr,
        M::Vzeroupper, M::Vzeroall,
    ]),
    ("AES and carry-less products", &[
        M::Aesenc, M::Aesenclast, M::Aesdec, M::Aesdeclast, M::Aesimc, M::Aeskeygenassist,
        M::Pclmulqdq, M::Vaesenc, M::Vaesenclast, M::Vaesdec, M::Vaesdeclast, M::Vaesimc,
        M::Vaeskeygenassist, M::Vpclmulqdq,
    ]),
    ("SHA", &[
        M::Sha1rnds4, M::Sha1nexte, M::Sha1msg1, M::Sha1msg2, M::Sha256msg1, M::Sha256msg2,
        M::Sha256rnds2,
    ]),
    ("AVX across lanes", &[
        M::Vbroadcastss, M::Vbroadcastsd, M::Vbroadcastf128, M::Vbroadcasti128, M::Vpbroadcastb,
        M::Vpbroadcastw, M::Vpbroadcastd, M::Vpbroadcastq, M::Vextractf128, M::Vextracti128,
        M::Vinsertf128, M::Vinserti128, M::Vperm2f128, M::Vperm2i128, M::Vpermq, M::Vpermpd,
        M::Vpermd, M::Vpermps, M::Vpermilps, M::Vpermilpd, M::Vmovddup, M::Vpblendd, M::Vpsllvd,
        M::Vpsllvq, M::Vpsrlvd, M::Vpsrlvq, M::Vpsravd,
    ]),
    ("masked and gathered", &[
        M::Vmaskmovps, M::Vmaskmovpd, M::Vpmaskmovd, M::Vpmaskmovq, M::Vgatherdps, M::Vgatherdpd,
        M::Vgatherqps, M::Vgatherqpd, M::Vpgatherdd, M::Vpgatherdq, M::Vpgatherqd, M::Vpgatherqq,
    ]),
    ("half precision", &[
        M::Vcvtph2ps, M::Vcvtps2ph,
    ]),
    ("fused multiply-add", &[
        M::Vfmadd132ps, M::Vfmadd132pd, M::Vfmadd132ss, M::Vfmadd132sd, M::Vfmadd213ps,
        M::Vfmadd213pd, M::Vfmadd213ss, M::Vfmadd213sd, M::Vfmadd231ps, M::Vfmadd231pd,
        M::Vfmadd231ss, M::Vfmadd231sd, M::Vfmsub132ps, M::Vfmsub132pd, M::Vfmsub132ss,
        M::Vfmsub132sd, M::Vfmsub213ps, M::Vfmsub213pd, M::Vfmsub213ss, M::Vfmsub213sd,
        M::Vfmsub231ps, M::Vfmsub231pd, M::Vfmsub231ss, M::Vfmsub231sd, M::Vfnmadd132ps,
        M::Vfnmadd132pd, M::Vfnmadd132ss, M::Vfnmadd132sd, M::Vfnmadd213ps, M::Vfnmadd213pd,
        M::Vfnmadd213ss, M::Vfnmadd213sd, M::Vfnmadd231ps, M::Vfnmadd231pd, M::Vfnmadd231ss,
        M::Vfnmadd231sd, M::Vfnmsub132ps, M::Vfnmsub132pd, M::Vfnmsub132ss, M::Vfnmsub132sd,
        M::Vfnmsub213ps, M::Vfnmsub213pd, M::Vfnmsub213ss, M::Vfnmsub213sd, M::Vfnmsub231ps,
        M::Vfnmsub231pd, M::Vfnmsub231ss, M::Vfnmsub231sd, M::Vfmaddsub132ps, M::Vfmaddsub132pd,
        M::Vfmaddsub213ps, M::Vfmaddsub213pd, M::Vfmaddsub231ps, M::Vfmaddsub231pd,
        M::Vfmsubadd132ps, M::Vfmsubadd132pd, M::Vfmsubadd213ps, M::Vfmsubadd213pd,
        M::Vfmsubadd231ps, M::Vfmsubadd231pd,
    ]),
    ("bit manipulation", &[
        M::Andn, M::Bextr, M::Blsi, M::Blsmsk, M::Blsr, M::Bzhi, M::Pdep, M::Pext, M::Rorx, M::Sarx,
        M::Shlx, M::Shrx, M::Mulx, M::Adcx, M::Adox, M::Tzcnt, M::Lzcnt,
    ]),
];

/// Whether the instruction is of this table; strings share mnemonics with SSE.
pub fn is_vector(i: &Instruction) -> bool {
    !i.is_string_instruction() && FAMILIES.iter().any(|(_, list)| list.contains(&i.mnemonic()))
}

/// The table's codes that 64-bit mode has, in the legacy and the VEX encodings.
pub fn codes() -> impl Iterator<Item = Code> {
    let listed = |code: &Code| FAMILIES.iter().any(|(_, list)| list.contains(&code.mnemonic()));
    account::codes()
        .filter(move |code| {
            listed(code) && matches!(code.encoding(), EncodingKind::Legacy | EncodingKind::VEX)
        })
        .filter(|code| !matches!(code, Code::Movsd_m32_m32 | Code::Cmpsd_m32_m32))
}

/// Clears what the images of states hold of FIP, FDP and FOP: AMD stores them only while an exception
/// waits, and selectors are the host's; and MXCSR_MASK, which has a bit more on AMD. The memory begins at `start`.
pub fn forget_pointers(case: &Case, start: u64, host: &mut [u8], guest: &mut [u8]) {
    let i = case.instruction();
    let ranges: &[(usize, usize)] = match i.code() {
        Code::Fnstenv_m14byte | Code::Fnsave_m94byte => &[(6, 14)],
        Code::Fnstenv_m28byte | Code::Fnsave_m108byte => &[(12, 28)],
        _ if is_state(i.mnemonic()) => &[(6, 24), (28, 32)],
        _ => return,
    };
    let Some(at) = case.address() else { return };
    for (from, to) in ranges {
        for n in *from..*to {
            for data in [&mut *host, &mut *guest] {
                if let Some(byte) = data.get_mut((at.wrapping_sub(start) as usize).wrapping_add(n)) {
                    *byte = 0;
                }
            }
        }
    }
}

/// FXSAVE and its kin.
pub fn is_state(m: M) -> bool {
    matches!(m, M::Fxsave | M::Fxsave64 | M::Xsave | M::Xsave64 | M::Xsaveopt | M::Xsaveopt64)
        || matches!(m, M::Fxrstor | M::Fxrstor64 | M::Xrstor | M::Xrstor64)
}

/// Why the outcome of an x87 instruction is open.
pub fn open(i: &Instruction, input: &Registers) -> Option<&'static str> {
    let (sig, se) = input.floats.stack[0];
    let exponent = i32::from(se & 0x7fff) - 16383;
    let number = exponent != 16384;
    match i.mnemonic() {
        M::F2xm1 if number && (exponent > 0 || exponent == 0 && sig != 1 << 63) => Some("F2XM1 beyond 1"),
        M::Fyl2xp1 if number && exponent >= -2 => Some("FYL2XP1 beyond 1 - sqrt(2)/2"),
        M::Sha1msg1
        | M::Sha1msg2
        | M::Sha1nexte
        | M::Sha1rnds4
        | M::Sha256msg1
        | M::Sha256msg2
        | M::Sha256rnds2
            if address(i, &input.general).is_some_and(|at| at & 15 != 0) =>
        {
            Some("SHA's operands in memory must be aligned (SDM 2A table 2-21); AMD's may lie anywhere")
        }
        _ => None,
    }
}

/// What AMD's processors do otherwise. Comparisons leave condition codes and flags alone if an unmasked invalid operation stops them (SDM
/// 2A "FCOM"); AMD sets them.
pub fn settle(case: &Case, host: &Outcome, guest: &mut Outcome) {
    let compares = case.instruction().mnemonic();
    let family = FAMILIES.iter().find(|(name, _)| *name == "x87 comparisons");
    let (theirs, ours) = (&host.registers, &mut guest.registers);
    let stopped = theirs.floats.status & 1 != 0 && theirs.floats.control & 1 == 0;
    if stopped && family.is_some_and(|(_, list)| list.contains(&compares)) {
        ours.floats.status = ours.floats.status & !0x4500 | theirs.floats.status & 0x4500;
        ours.rflags = theirs.rflags;
    }
    // FCOMI clears C1 (SDM 2A "FCOMI"); AMD's leaves it if an operand is no normal number.
    if matches!(compares, M::Fcomi | M::Fcomip | M::Fucomi | M::Fucomip) {
        ours.floats.status = ours.floats.status & !0x200 | theirs.floats.status & 0x200;
    }
    // XGETBV: the host's kernel may have enabled more than x87, SSE and AVX.
    let (theirs_rax, ours_rax) = (theirs.general[0], &mut ours.general[0]);
    if compares == M::Xgetbv && theirs_rax >> 32 == 0 && theirs_rax & 7 == *ours_rax {
        *ours_rax = theirs_rax;
    }
    // DPPS is a sequence of operations; which of them report before the one that faults is not told.
    let faults = host.ending == guest.ending && host.ending != Ending::Retired;
    if faults && matches!(compares, M::Dpps | M::Dppd | M::Vdpps | M::Vdppd) {
        ours.floats.mxcsr = theirs.floats.mxcsr;
    }
}
