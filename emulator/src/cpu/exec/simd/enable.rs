//! Whether vector instructions may run, and what their floating-point exceptions become.

use crate::cpu::arch::{cr0, cr4};
use crate::cpu::float::{Env, flag};
use crate::cpu::{Core, Fault, Flow};

/// XCR0's bits for SSE and AVX state.
const XCR0_AVX: u64 = 6;

impl Core<'_> {
    /// Legacy SSE (SDM 3A 13.1, table 22-2 of 2A 2.4): #UD by CR0.EM or without CR4.OSFXSR, #NM by CR0.TS.
    #[inline(always)]
    pub fn sse(&self) -> Flow {
        if self.cpu.cr0 & (cr0::EM | cr0::TS) != 0 || self.cpu.cr4 & cr4::OSFXSR == 0 {
            return self.sse_refused();
        }
        Ok(())
    }

    #[cold]
    fn sse_refused(&self) -> Flow {
        let undefined = self.cpu.cr0 & cr0::EM != 0 || self.cpu.cr4 & cr4::OSFXSR == 0;
        Err(if undefined { Fault::UD } else { Fault::NM }.into())
    }

    /// VEX-encoded instructions: #UD unless XCR0 enables AVX, and in real-address and virtual-8086 mode; #NM by CR0.TS.
    #[inline(always)]
    pub fn avx(&self) -> Flow {
        if self.real_segments() {
            return Err(Fault::UD.into());
        }
        if self.cpu.cr4 & cr4::OSXSAVE == 0 || self.cpu.xcr0 & XCR0_AVX != XCR0_AVX {
            return Err(Fault::UD.into());
        }
        if self.cpu.cr0 & cr0::TS != 0 { Err(Fault::NM.into()) } else { Ok(()) }
    }

    /// MMX: #UD by CR0.EM, #NM by CR0.TS, #MF if an x87 exception waits (SDM 3A table 12-1).
    pub fn mmx(&mut self) -> Flow {
        if self.cpu.cr0 & cr0::EM != 0 {
            return Err(Fault::UD.into());
        }
        if self.cpu.cr0 & cr0::TS != 0 {
            return Err(Fault::NM.into());
        }
        self.x87_pending()
    }

    /// Reports what an operation raised (SDM 1 11.5.2, 11.5.3): an unmasked exception known before
    /// the computation hides those known after it.
    #[inline(always)]
    pub fn simd_flags(&mut self, env: &Env) -> Flow {
        if env.flags == 0 {
            return Ok(());
        }
        if env.masked(env.flags) {
            self.hot.mxcsr |= env.flags;
            return Ok(());
        }
        self.simd_exception(env)
    }

    #[cold]
    fn simd_exception(&mut self, env: &Env) -> Flow {
        let early = !env.masked(env.flags & flag::BEFORE);
        let flags = if early { env.flags & flag::BEFORE } else { env.flags };
        self.hot.mxcsr |= flags;
        let enabled = self.cpu.cr4 & cr4::OSXMMEXCPT != 0;
        Err(if enabled { Fault::XM } else { Fault::UD }.into())
    }
}
