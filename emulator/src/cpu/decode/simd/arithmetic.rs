//! Operations on lanes.

use iced_x86::Instruction;

use super::table;
use crate::cpu::exec::simd::aes::*;
use crate::cpu::exec::simd::compare::*;
use crate::cpu::exec::simd::convert::*;
use crate::cpu::exec::simd::float::*;
use crate::cpu::exec::simd::integer::*;
use crate::cpu::exec::simd::sha::*;
use crate::cpu::exec::simd::shuffle::*;
use crate::cpu::exec::simd::sse4::*;
use crate::cpu::op::Handler;

/// Packed integers.
#[rustfmt::skip]
pub fn integers(i: &Instruction) -> Option<Handler> {
    Some(table! { i:
        both {
            Paddb Vpaddb = Paddb; Paddw Vpaddw = Paddw; Paddd Vpaddd = Paddd; Paddq Vpaddq = Paddq;
            Psubb Vpsubb = Psubb; Psubw Vpsubw = Psubw; Psubd Vpsubd = Psubd; Psubq Vpsubq = Psubq;
            Paddsb Vpaddsb = Paddsb; Paddsw Vpaddsw = Paddsw; Paddusb Vpaddusb = Paddusb; Paddusw Vpaddusw = Paddusw;
            Psubsb Vpsubsb = Psubsb; Psubsw Vpsubsw = Psubsw; Psubusb Vpsubusb = Psubusb; Psubusw Vpsubusw = Psubusw;
            Pmullw Vpmullw = Pmullw; Pmulhw Vpmulhw = Pmulhw; Pmulhuw Vpmulhuw = Pmulhuw;
            Pmulhrsw Vpmulhrsw = Pmulhrsw; Pmuludq Vpmuludq = Pmuludq;
            Pmaddwd Vpmaddwd = Pmaddwd; Pmaddubsw Vpmaddubsw = Pmaddubsw;
            Pavgb Vpavgb = Pavgb; Pavgw Vpavgw = Pavgw; Psadbw Vpsadbw = Psadbw;
            Pminub Vpminub = Pminub; Pmaxub Vpmaxub = Pmaxub; Pminsw Vpminsw = Pminsw; Pmaxsw Vpmaxsw = Pmaxsw;
            Pand Vpand = Pand; Pandn Vpandn = Pandn; Por Vpor = Por; Pxor Vpxor = Pxor;
            Pcmpeqb Vpcmpeqb = Pcmpeqb; Pcmpeqw Vpcmpeqw = Pcmpeqw; Pcmpeqd Vpcmpeqd = Pcmpeqd;
            Pcmpgtb Vpcmpgtb = Pcmpgtb; Pcmpgtw Vpcmpgtw = Pcmpgtw; Pcmpgtd Vpcmpgtd = Pcmpgtd;
            Pabsb Vpabsb = Pabsb; Pabsw Vpabsw = Pabsw; Pabsd Vpabsd = Pabsd;
            Psignb Vpsignb = Psignb; Psignw Vpsignw = Psignw; Psignd Vpsignd = Psignd;
            Phaddw Vphaddw = Phaddw; Phaddd Vphaddd = Phaddd; Phaddsw Vphaddsw = Phaddsw;
            Phsubw Vphsubw = Phsubw; Phsubd Vphsubd = Phsubd; Phsubsw Vphsubsw = Phsubsw;
        }
        sse {
            Andps Vandps = Pand; Andpd Vandpd = Pand; Andnps Vandnps = Pandn; Andnpd Vandnpd = Pandn;
            Orps Vorps = Por; Orpd Vorpd = Por; Xorps Vxorps = Pxor; Xorpd Vxorpd = Pxor;
            Pmulld Vpmulld = Pmulld; Pmuldq Vpmuldq = Pmuldq; Pcmpeqq Vpcmpeqq = Pcmpeqq; Pcmpgtq Vpcmpgtq = Pcmpgtq;
            Pminsb Vpminsb = Pminsb; Pmaxsb Vpmaxsb = Pmaxsb; Pminuw Vpminuw = Pminuw; Pmaxuw Vpmaxuw = Pmaxuw;
            Pminud Vpminud = Pminud; Pmaxud Vpmaxud = Pmaxud; Pminsd Vpminsd = Pminsd; Pmaxsd Vpmaxsd = Pmaxsd;
            Aesenc Vaesenc = Aesenc; Aesenclast Vaesenclast = Aesenclast;
            Aesdec Vaesdec = Aesdec; Aesdeclast Vaesdeclast = Aesdeclast; Aesimc Vaesimc = Aesimc;
            Aeskeygenassist Vaeskeygenassist = Aeskeygenassist; Pclmulqdq Vpclmulqdq = Pclmulqdq;
            Sha1rnds4 = Sha1rnds4; Sha1nexte = Sha1nexte; Sha1msg1 = Sha1msg1; Sha1msg2 = Sha1msg2;
            Sha256msg1 = Sha256msg1; Sha256msg2 = Sha256msg2;
            Phminposuw Vphminposuw = Phminposuw; Mpsadbw Vmpsadbw = Mpsadbw;
        }
        shift {
            Psllw Vpsllw = Psllw; Pslld Vpslld = Pslld; Psllq Vpsllq = Psllq;
            Psrlw Vpsrlw = Psrlw; Psrld Vpsrld = Psrld; Psrlq Vpsrlq = Psrlq;
            Psraw Vpsraw = Psraw; Psrad Vpsrad = Psrad; Pslldq Vpslldq = Pslldq; Psrldq Vpsrldq = Psrldq;
        }
        blend { Sha256rnds2 = Sha256rnds2; }
        vex {
            Vpblendd = Blendps;
            Vpsllvd = Psllvd; Vpsllvq = Psllvq; Vpsrlvd = Psrlvd; Vpsrlvq = Psrlvq; Vpsravd = Psravd;
        }
    })
}

/// Packing, unpacking, shuffling, blending and extension.
#[rustfmt::skip]
pub fn shuffles(i: &Instruction) -> Option<Handler> {
    Some(table! { i:
        both {
            Packsswb Vpacksswb = Packsswb; Packssdw Vpackssdw = Packssdw; Packuswb Vpackuswb = Packuswb;
            Punpcklbw Vpunpcklbw = Punpcklbw; Punpcklwd Vpunpcklwd = Punpcklwd; Punpckldq Vpunpckldq = Punpckldq;
            Punpckhbw Vpunpckhbw = Punpckhbw; Punpckhwd Vpunpckhwd = Punpckhwd; Punpckhdq Vpunpckhdq = Punpckhdq;
            Pshufb Vpshufb = Pshufb; Palignr Vpalignr = Palignr;
        }
        general {
            Pinsrb = Pinsrb; Pinsrw = Pinsrw; Pinsrd = Pinsrd; Pinsrq = Pinsrq;
        }
        vex_general { Vpinsrb = Pinsrb; Vpinsrw = Pinsrw; Vpinsrd = Pinsrd; Vpinsrq = Pinsrq; }
        mmx { Pshufw = Pshufw; }
        sse {
            Punpcklqdq Vpunpcklqdq = Punpcklqdq; Punpckhqdq Vpunpckhqdq = Punpckhqdq;
            Unpcklps Vunpcklps = Punpckldq; Unpckhps Vunpckhps = Punpckhdq;
            Unpcklpd Vunpcklpd = Punpcklqdq; Unpckhpd Vunpckhpd = Punpckhqdq;
            Packusdw Vpackusdw = Packusdw; Pshufd Vpshufd = Pshufd;
            Pshuflw Vpshuflw = Pshuflw; Pshufhw Vpshufhw = Pshufhw;
            Shufps Vshufps = Shufps; Shufpd Vshufpd = Shufpd;
            Movsldup Vmovsldup = Movsldup; Movshdup Vmovshdup = Movshdup;
            Blendps Vblendps = Blendps; Blendpd Vblendpd = Blendpd; Pblendw Vpblendw = Pblendw;
            Pmovsxbw Vpmovsxbw = Pmovsxbw; Pmovsxbd Vpmovsxbd = Pmovsxbd; Pmovsxbq Vpmovsxbq = Pmovsxbq;
            Pmovsxwd Vpmovsxwd = Pmovsxwd; Pmovsxwq Vpmovsxwq = Pmovsxwq; Pmovsxdq Vpmovsxdq = Pmovsxdq;
            Pmovzxbw Vpmovzxbw = Pmovzxbw; Pmovzxbd Vpmovzxbd = Pmovzxbd; Pmovzxbq Vpmovzxbq = Pmovzxbq;
            Pmovzxwd Vpmovzxwd = Pmovzxwd; Pmovzxwq Vpmovzxwq = Pmovzxwq; Pmovzxdq Vpmovzxdq = Pmovzxdq;
        }
        blend {
            Pblendvb = Pblendvb; Blendvps = Blendvps; Blendvpd = Blendvpd;
            Vpblendvb = Pblendvb; Vblendvps = Blendvps; Vblendvpd = Blendvpd;
        }
        mask {
            Movmskps = Movmskps; Movmskpd = Movmskpd; Vmovmskps = Movmskps; Vmovmskpd = Movmskpd;
            Vpmovmskb = Pmovmskb;
        }
    })
}

/// Floating point.
#[rustfmt::skip]
pub fn floats(i: &Instruction) -> Option<Handler> {
    if i.is_string_instruction() {
        return None;
    }
    Some(table! { i:
        sse {
            Addps Vaddps = Addps; Addss Vaddss = Addss; Addpd Vaddpd = Addpd; Addsd Vaddsd = Addsd;
            Subps Vsubps = Subps; Subss Vsubss = Subss; Subpd Vsubpd = Subpd; Subsd Vsubsd = Subsd;
            Mulps Vmulps = Mulps; Mulss Vmulss = Mulss; Mulpd Vmulpd = Mulpd; Mulsd Vmulsd = Mulsd;
            Divps Vdivps = Divps; Divss Vdivss = Divss; Divpd Vdivpd = Divpd; Divsd Vdivsd = Divsd;
            Minps Vminps = Minps; Minss Vminss = Minss; Minpd Vminpd = Minpd; Minsd Vminsd = Minsd;
            Maxps Vmaxps = Maxps; Maxss Vmaxss = Maxss; Maxpd Vmaxpd = Maxpd; Maxsd Vmaxsd = Maxsd;
            Sqrtps Vsqrtps = Sqrtps; Sqrtss Vsqrtss = Sqrtss; Sqrtpd Vsqrtpd = Sqrtpd; Sqrtsd Vsqrtsd = Sqrtsd;
            Cmpps Vcmpps = Cmpps; Cmpss Vcmpss = Cmpss; Cmppd Vcmppd = Cmppd; Cmpsd Vcmpsd = Cmpsd;
            Addsubps Vaddsubps = Addsubps; Addsubpd Vaddsubpd = Addsubpd;
            Haddps Vhaddps = Haddps; Haddpd Vhaddpd = Haddpd; Hsubps Vhsubps = Hsubps; Hsubpd Vhsubpd = Hsubpd;
            Rcpps Vrcpps = Rcpps; Rcpss Vrcpss = Rcpss; Rsqrtps Vrsqrtps = Rsqrtps; Rsqrtss Vrsqrtss = Rsqrtss;
            Roundps Vroundps = Roundps; Roundss Vroundss = Roundss;
            Roundpd Vroundpd = Roundpd; Roundsd Vroundsd = Roundsd;
            Dpps Vdpps = Dpps; Dppd Vdppd = Dppd;
        }
    })
}

/// Conversions from vector to vector of the same or twice the width.
#[rustfmt::skip]
pub fn conversions(i: &Instruction) -> Option<Handler> {
    Some(table! { i:
        sse {
            Cvtdq2ps Vcvtdq2ps = Cvtdq2ps; Cvtps2dq Vcvtps2dq = Cvtps2dq; Cvttps2dq Vcvttps2dq = Cvttps2dq;
            Cvtdq2pd Vcvtdq2pd = Cvtdq2pd; Cvtps2pd Vcvtps2pd = Cvtps2pd;
            Cvtss2sd Vcvtss2sd = Cvtss2sd; Cvtsd2ss Vcvtsd2ss = Cvtsd2ss;
            Cvtpd2ps = Cvtpd2ps; Cvtpd2dq = Cvtpd2dq; Cvttpd2dq = Cvttpd2dq;
        }
    })
}
