//! The host's processor as an executor of single instructions.
//!
//! A breakpoint's signal handler swaps the interrupted registers for a case's, and the
//! instruction runs when the handler returns. The code around it is breakpoints, so that the next
//! signal, a breakpoint or a fault, brings the registers back with its vector and error code.

use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::case::{
    BESIDE, CODE, CODE_SIZE, DATA, DATA_SIZE, END, Ending, Outcome, PAGE, READ_ONLY, Registers, beside, bits,
    set_bits,
};
use super::floats::{Floats, IMAGE};

/// Linux's selectors of 32-bit code and of data.
const USER32_CS: i64 = 0x23;
const USER_DS: u16 = 0x2b;

/// Nothing is mapped between the code and the data.
const HOLE: u64 = CODE + CODE_SIZE as u64;

const IDLE: u32 = 0;
const ENTER: u32 = 1;
const RUNNING: u32 = 2;

static PHASE: AtomicU32 = AtomicU32::new(IDLE);
static EXCHANGE: AtomicPtr<Exchange> = AtomicPtr::new(std::ptr::null_mut());
/// Signals and low memory are the process's: one comparison at a time has them.
static TURN: Mutex<()> = Mutex::new(());

const SIGNALS: [i32; 5] = [libc::SIGTRAP, libc::SIGFPE, libc::SIGILL, libc::SIGSEGV, libc::SIGBUS];
const ALTERNATE_STACK: usize = 256 << 10;

/// In the order of the processor's encoding.
const ORDER: [i32; 16] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RSP,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
];

struct Exchange {
    input: Registers,
    output: Registers,
    vector: u64,
    code: u64,
    address: u64,
    saved: [i64; 23],
    image: [u8; IMAGE],
}

/// The low memory that the host shares its addresses with the machine in.
pub struct Native {
    exchange: Box<Exchange>,
    _stack: Vec<u8>,
    _turn: MutexGuard<'static, ()>,
}

extern "C" fn on_signal(signal: i32, _info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel hands a valid context; the exchange outlives the handlers' use of it,
    // and only the thread that raised the signal touches it.
    unsafe {
        let machine = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext;
        let gregs = &mut machine.gregs;
        // An XSAVE area in standard form: `new` has made sure of AVX.
        let floats = machine.fpregs.cast::<[u8; IMAGE]>();
        let exchange = EXCHANGE.load(Ordering::Relaxed);
        match PHASE.load(Ordering::Relaxed) {
            ENTER => {
                (*exchange).saved = *gregs;
                (*exchange).image = *floats;
                (*exchange).input.floats.to_image(&mut *floats);
                for (n, at) in ORDER.iter().enumerate() {
                    gregs[*at as usize] = (*exchange).input.general[n] as i64;
                }
                gregs[libc::REG_RIP as usize] = (*exchange).input.rip as i64;
                gregs[libc::REG_EFL as usize] = (*exchange).input.rflags as i64;
                if bits() == 32 {
                    let segments = &mut gregs[libc::REG_CSGSFS as usize];
                    *segments = *segments & !0xffff | USER32_CS;
                }
                PHASE.store(RUNNING, Ordering::Relaxed);
            }
            RUNNING => {
                for (n, at) in ORDER.iter().enumerate() {
                    (*exchange).output.general[n] = gregs[*at as usize] as u64;
                }
                (*exchange).output.rip = gregs[libc::REG_RIP as usize] as u64;
                (*exchange).output.rflags = gregs[libc::REG_EFL as usize] as u64;
                (*exchange).vector = gregs[libc::REG_TRAPNO as usize] as u64;
                (*exchange).code = gregs[libc::REG_ERR as usize] as u64;
                (*exchange).address = gregs[libc::REG_CR2 as usize] as u64;
                (*exchange).output.floats = Floats::from_image(&*floats);
                *floats = (*exchange).image;
                *gregs = (*exchange).saved;
                PHASE.store(IDLE, Ordering::Relaxed);
            }
            // Not ours: let it kill.
            _ => {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
    }
}

fn map(at: u64, size: usize, protection: i32) -> Result<(), String> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: a new mapping that replaces none.
    let got = unsafe { libc::mmap(at as *mut libc::c_void, size, protection, flags, -1, 0) };
    if got as u64 != at {
        return Err(format!("no memory at {at:#x}: {}", std::io::Error::last_os_error()));
    }
    Ok(())
}

/// Makes the pages beside the data writable, or what they are otherwise.
fn open(is: bool) {
    let protection = |page: u64| match (is, page) {
        (true, _) => libc::PROT_READ | libc::PROT_WRITE,
        (false, READ_ONLY) => libc::PROT_READ,
        (false, _) => libc::PROT_NONE,
    };
    for page in BESIDE {
        // SAFETY: the page is of a mapping of ours, and writable when it is written.
        unsafe {
            if is {
                libc::mprotect(page as *mut libc::c_void, PAGE as usize, protection(page));
            }
            std::ptr::copy_nonoverlapping(beside().as_ptr(), page as *mut u8, PAGE as usize);
            if !is {
                libc::mprotect(page as *mut libc::c_void, PAGE as usize, protection(page));
            }
        }
    }
}

/// Waits for the turn of cases of so many bits.
pub fn turn(bits: u32) -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    set_bits(bits);
    turn
}

impl Native {
    /// Waits for its turn, maps the memory and takes over the signals of this process, for code of so many bits.
    pub fn new(bits: u32) -> Result<Native, String> {
        let turn = turn(bits);
        if !std::arch::is_x86_feature_detected!("avx") {
            return Err("the host has no AVX, so its signal frames no vector registers".into());
        }
        let rw = libc::PROT_READ | libc::PROT_WRITE;
        map(CODE, CODE_SIZE, rw | libc::PROT_EXEC)?;
        map(DATA, DATA_SIZE, rw)?;
        map(HOLE, (DATA - HOLE) as usize, libc::PROT_NONE)?;
        map(READ_ONLY, (END - READ_ONLY) as usize, libc::PROT_NONE)?;
        open(true);
        open(false);
        if bits == 32 {
            // SAFETY: 64-bit code does not use these segments, and the kernel keeps them.
            unsafe { std::arch::asm!("mov ds, {0:x}", "mov es, {0:x}", in(reg) USER_DS) };
        }
        // SAFETY: just mapped, writable.
        unsafe { std::ptr::write_bytes(CODE as *mut u8, 0xcc, CODE_SIZE) };
        let mut stack = vec![0u8; ALTERNATE_STACK];
        let alternate =
            libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: ALTERNATE_STACK };
        let nothing =
            Registers { general: [0; 16], rip: 0, rflags: 0, floats: Floats::from_image(&[0; IMAGE]) };
        let mut exchange = Box::new(Exchange {
            input: nothing,
            output: nothing,
            vector: 0,
            code: 0,
            address: 0,
            saved: [0; 23],
            image: [0; IMAGE],
        });
        EXCHANGE.store(&mut *exchange, Ordering::Relaxed);
        // SAFETY: the stack and the exchange live as long as this; the handler is async-signal-safe.
        unsafe {
            libc::sigaltstack(&alternate, std::ptr::null_mut());
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            for signal in SIGNALS {
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
        Ok(Native { exchange, _stack: stack, _turn: turn })
    }

    /// As [`Native::run`] while the pages beside the data are open; gives what they hold afterwards.
    pub fn run_open(&mut self, bytes: &[u8], input: &Registers, data: &mut [u8]) -> (Outcome, Vec<u8>) {
        open(true);
        let outcome = self.run(bytes, input, data);
        // SAFETY: the pages can be read.
        let page = |at: u64| unsafe { std::slice::from_raw_parts(at as *const u8, PAGE as usize) };
        let beside = BESIDE.into_iter().flat_map(page).copied().collect();
        open(false);
        (outcome, beside)
    }

    /// Runs the instruction at `input.rip`; `data` is the data memory before and after.
    pub fn run(&mut self, bytes: &[u8], input: &Registers, data: &mut [u8]) -> Outcome {
        self.exchange.input = *input;
        EXCHANGE.store(&mut *self.exchange, Ordering::Relaxed);
        PHASE.store(ENTER, Ordering::Relaxed);
        // SAFETY: both ranges are mapped; the handlers bring all registers back, and what the
        // instruction may write is the mapped data (the cases' addresses are checked).
        unsafe {
            std::ptr::copy_nonoverlapping(data.as_ptr(), DATA as *mut u8, data.len());
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), input.rip as *mut u8, bytes.len());
            std::arch::asm!("int3");
            std::ptr::write_bytes(input.rip as *mut u8, 0xcc, bytes.len());
            std::ptr::copy_nonoverlapping(DATA as *const u8, data.as_mut_ptr(), data.len());
        }
        if bits() == 64 {
            // SAFETY: 64-bit code does not use these segments.
            unsafe { std::arch::asm!("mov ds, {0:x}", "mov es, {0:x}", "mov gs, {0:x}", in(reg) 0u16) };
        }
        let mut registers = self.exchange.output;
        let ending = if self.exchange.vector == 3 {
            registers.rip = registers.rip.wrapping_sub(1);
            Ending::Retired
        } else {
            let vector = self.exchange.vector as u8;
            let address = if vector == 14 { self.exchange.address } else { 0 };
            Ending::Fault { vector, code: self.exchange.code as u32, address }
        };
        Outcome { registers, ending }
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // SAFETY: the process goes back to the default actions; no stack of ours is in use.
        unsafe {
            for signal in SIGNALS {
                libc::signal(signal, libc::SIG_DFL);
            }
            let none = libc::stack_t { ss_sp: std::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
            libc::sigaltstack(&none, std::ptr::null_mut());
            libc::munmap(CODE as *mut libc::c_void, CODE_SIZE);
            libc::munmap(HOLE as *mut libc::c_void, (END - HOLE) as usize);
        }
    }
}
