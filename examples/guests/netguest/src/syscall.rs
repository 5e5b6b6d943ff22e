//! System calls: the way into ring 3, the way back, and what the application may ask for.
//!
//! SYSCALL leaves the return address in RCX and RFLAGS in R11, and changes neither stack nor data segments
//! (SDM 3A 5.8.8). There is one application thread, so one kernel stack and one place for its RSP suffice.

use crate::app::abi::{self, Call};
use crate::stack::{Buffers, Error, Stack, stack};
use core::arch::{asm, global_asm};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kit::cpu::{RFLAGS_AC, RFLAGS_DF, RFLAGS_IF, RFLAGS_TF};
use kit::msr::{IA32_FMASK, IA32_LSTAR, IA32_STAR, wrmsr};
use kit::{exit, println, segments};
use smoltcp::wire::Ipv4Address;

/// The user arena, for checking pointers.
static ARENA_START: AtomicU64 = AtomicU64::new(0);
static ARENA_END: AtomicU64 = AtomicU64::new(0);
/// Bit 1 of RFLAGS is always set.
const RFLAGS_ONE: u64 = 1 << 1;
/// Largest buffers and number of sockets that an application may ask for.
const MAX_BUFFER: u64 = 1 << 20;
const MAX_SOCKETS: u64 = 128;

unsafe extern "C" {
    fn syscall_entry();
}

// SYSCALL has masked interrupts (FMASK) until the kernel's stack is in place. Arguments: RDI, RSI, RDX, R10,
// R8; the call's number is in RAX. Callee-saved registers keep the application's values by convention.
global_asm!(
    r#"
    .section .bss.syscall, "aw", @nobits
    .balign 8
user_rsp:
    .quad 0

    .section .text.syscall, "ax"
    .balign 16
    .global syscall_entry
syscall_entry:
    mov [rip + user_rsp], rsp
    lea rsp, [rip + boot_stack_top]
    push [rip + user_rsp]
    push r11
    push rcx
    push rbp
    sti
    mov rcx, r10
    mov r9, rax
    call syscall_dispatch
    cli
    pop rbp
    pop rcx
    pop r11
    pop rsp
    sysretq
"#
);

/// Prepares SYSCALL and SYSRET, and remembers which memory is the application's.
pub fn init(arena: Range<u64>) {
    ARENA_START.store(arena.start, Relaxed);
    ARENA_END.store(arena.end, Relaxed);
    // SAFETY: EFER.SCE is set, the selectors are this GDT's, the entry point is below.
    unsafe {
        wrmsr(IA32_STAR, segments::STAR);
        wrmsr(IA32_LSTAR, syscall_entry as *const () as u64);
        wrmsr(IA32_FMASK, RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC);
    }
}

/// Starts the application in ring 3 with interrupts on. The boot stack is the kernel's from its top again.
pub fn enter_user(entry: u64, stack_top: u64, arguments: u64) -> ! {
    // SAFETY: entry and stack lie in memory that ring 3 may use. A function finds RSP 8 below a multiple of 16.
    // IF is clear here, so no interrupt comes on the application's stack.
    unsafe {
        asm!(
            "cli", "mov rsp, {stack}", "xor ebp, ebp", "sysretq",
            stack = in(reg) stack_top - 8,
            in("rcx") entry,
            in("r11") RFLAGS_IF | RFLAGS_ONE,
            in("rdi") arguments,
            options(noreturn),
        )
    }
}

/// Serves one call. The result, or an error below zero.
#[unsafe(no_mangle)]
extern "sysv64" fn syscall_dispatch(a: u64, b: u64, c: u64, d: u64, e: u64, number: u64) -> i64 {
    let Some(call) = Call::from_number(number) else { return abi::ERROR_ARGUMENT };
    serve(stack(), call, [a, b, c, d, e]).unwrap_or_else(|error| error)
}

fn serve(stack: &mut Stack, call: Call, [a, b, c, d, e]: [u64; 5]) -> Result<i64, i64> {
    let slot = a as usize;
    let done = match call {
        Call::Send => stack.send(slot, user_slice(b, c)?),
        Call::Receive => stack.receive(slot, user_slice_mut(b, c)?),
        Call::Wait => Ok(stack.wait(user_words(a, b)?)),
        Call::Close => stack.close(slot).map(|()| 0),
        Call::Connect => stack.connect(Ipv4Address::from_bits(a as u32), b as u16, buffers(c, d)?),
        Call::Listen if (1..=MAX_SOCKETS).contains(&b) => {
            Ok(stack.listen(a as u16, b as usize, buffers(c, d)?))
        }
        Call::Listen => return Err(abi::ERROR_ARGUMENT),
        Call::Bind => stack.bind(a as u16, buffers(b, c)?),
        Call::Exit => leave(a, e),
    };
    done.map(|value| value as i64).map_err(|error| match error {
        Error::BadSocket => abi::ERROR_ARGUMENT,
        Error::Closed => abi::ERROR_CLOSED,
        Error::WouldBlock => abi::ERROR_WOULD_BLOCK,
    })
}

fn leave(code: u64, detail: u64) -> ! {
    println!("netguest: the application leaves with code {code} ({detail:#x})");
    exit(code as u8)
}

fn buffers(receive: u64, transmit: u64) -> Result<Buffers, i64> {
    let fits = |size| (1..=MAX_BUFFER).contains(&size);
    let buffers = Buffers { receive: receive as usize, transmit: transmit as usize };
    (fits(receive) && fits(transmit)).then_some(buffers).ok_or(abi::ERROR_ARGUMENT)
}

/// True if `start..start + length` lies in the arena: all that the kernel reads or writes for ring 3.
fn is_users(start: u64, length: u64) -> bool {
    let end = start.checked_add(length);
    start >= ARENA_START.load(Relaxed) && end.is_some_and(|end| end <= ARENA_END.load(Relaxed))
}

fn user_slice(start: u64, length: u64) -> Result<&'static [u8], i64> {
    user_slice_mut(start, length).map(|slice| &*slice)
}

fn user_slice_mut(start: u64, length: u64) -> Result<&'static mut [u8], i64> {
    if !is_users(start, length) {
        return Err(abi::ERROR_ARGUMENT);
    }
    // SAFETY: the range is the application's, mapped, and its only thread waits for this call.
    Ok(unsafe { core::slice::from_raw_parts_mut(start as *mut u8, length as usize) })
}

fn user_words(start: u64, count: u64) -> Result<&'static mut [u32], i64> {
    if !start.is_multiple_of(4) || !is_users(start, count.saturating_mul(4)) {
        return Err(abi::ERROR_ARGUMENT);
    }
    // SAFETY: as above, and aligned.
    Ok(unsafe { core::slice::from_raw_parts_mut(start as *mut u32, count as usize) })
}
