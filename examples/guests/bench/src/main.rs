//! Integer work of several kinds, each ending in a checksum that the console shows. The kinds are those that
//! emulators are usually compared with: a sieve, a table-driven CRC, a sort with a comparison function, a matrix
//! product, block copies, a pointer chase through 8 MiB, and indirect calls.
//!
//! `part=NAME` runs one kind, else all run; `rounds=N` repeats it.

#![no_std]
#![no_main]

use core::hint::black_box;
use kit::start_info::StartInfo;
use kit::{exit, println};

const EXIT_PANIC: u8 = 0x7F;
const EXIT_DONE: u8 = 0;

/// Scratch memory of all parts: between the image and 16 MiB more.
const SCRATCH: u64 = 0x80_0000;
const SCRATCH_BYTES: usize = 16 << 20;

/// A part: its name and what it does with scratch memory.
type Part = (&'static str, fn(&mut [u32], u64) -> u32);

const PARTS: [Part; 7] = [
    ("sieve", sieve),
    ("crc32", crc32),
    ("sort", sort),
    ("matmul", matmul),
    ("memcpy", copy),
    ("chase", chase),
    ("icall", icall),
];

#[unsafe(no_mangle)]
extern "sysv64" fn kmain(start_info: u64) -> ! {
    kit::console::init();
    // SAFETY: the boot loader's own pointer.
    let line = unsafe { StartInfo::from_paddr(start_info) }.map(StartInfo::command_line);
    let chosen = line.and_then(|l| l.get("part"));
    let rounds = line.map_or(1, |l| l.number("rounds", 1));
    for (name, run) in PARTS.iter().filter(|(name, _)| chosen.is_none_or(|c| c == *name)) {
        // SAFETY: RAM beyond the image, which nothing else uses; one part at a time.
        let scratch = unsafe { core::slice::from_raw_parts_mut(SCRATCH as *mut u32, SCRATCH_BYTES / 4) };
        println!("{name} {:08x}", run(scratch, rounds));
    }
    exit(EXIT_DONE)
}

/// A generator of 32-bit words (Marsaglia's xorshift).
struct Words(u32);

impl Words {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

fn bytes(scratch: &mut [u32], length: usize) -> &mut [u8] {
    // SAFETY: u8 has no alignment and every bit pattern is one; the length is the slice's own or less.
    unsafe { core::slice::from_raw_parts_mut(scratch.as_mut_ptr().cast(), length.min(scratch.len() * 4)) }
}

fn sieve(scratch: &mut [u32], rounds: u64) -> u32 {
    let flags = bytes(scratch, 1 << 20);
    let mut primes = 0;
    for _ in 0..2 * rounds {
        flags.fill(1);
        primes = 0;
        for i in 2..flags.len() {
            if flags[i] != 0 {
                primes += 1;
                (2 * i..flags.len()).step_by(i).for_each(|j| flags[j] = 0);
            }
        }
    }
    primes
}

fn crc32(scratch: &mut [u32], rounds: u64) -> u32 {
    let mut table = [0u32; 256];
    for (i, entry) in table.iter_mut().enumerate() {
        let step = |c: u32, _| if c & 1 != 0 { 0xEDB8_8320 ^ c >> 1 } else { c >> 1 };
        *entry = (0..8).fold(i as u32, step);
    }
    let mut words = Words(123_456_789);
    scratch[..1 << 18].iter_mut().for_each(|w| *w = words.next());
    let data = bytes(scratch, 1 << 20);
    (0..2 * rounds).fold(!0, |crc, _| data.iter().fold(crc, |c, b| table[(c as u8 ^ b) as usize] ^ c >> 8))
}

fn sort(scratch: &mut [u32], rounds: u64) -> u32 {
    let mut words = Words(123_456_789);
    let values = &mut scratch[..100_000];
    (0..rounds).fold(0, |hash: u32, _| {
        values.iter_mut().for_each(|v| *v = words.next());
        values.sort_unstable_by(|a, b| black_box(a).cmp(b));
        hash.wrapping_mul(31).wrapping_add(values[1000])
    })
}

fn matmul(scratch: &mut [u32], rounds: u64) -> u32 {
    const N: usize = 128;
    let mut words = Words(123_456_789);
    let (a, rest) = scratch.split_at_mut(N * N);
    let (b, c) = rest.split_at_mut(N * N);
    a.iter_mut().chain(b[..N * N].iter_mut()).for_each(|v| *v = words.next() & 255);
    for round in 0..2 * rounds as u32 {
        for i in 0..N {
            for j in 0..N {
                let sum = (0..N).fold(0u32, |s, k| s.wrapping_add(a[i * N + k].wrapping_mul(b[k * N + j])));
                c[i * N + j] = sum.wrapping_add(round);
            }
        }
    }
    c[5 * N + 5]
}

fn copy(scratch: &mut [u32], rounds: u64) -> u32 {
    scratch[..1 << 18].iter_mut().enumerate().for_each(|(i, w)| *w = i as u32 * 7);
    for round in 0..20 * rounds as usize {
        scratch.copy_within(..1 << 18, 1 << 18);
        scratch.copy_within(1 << 18..(1 << 19) - 1, 1 + round % 3);
    }
    scratch[1000]
}

fn chase(scratch: &mut [u32], rounds: u64) -> u32 {
    let ring = &mut scratch[..1 << 21];
    let mut words = Words(123_456_789);
    ring.iter_mut().enumerate().for_each(|(i, w)| *w = i as u32);
    for i in (1..ring.len()).rev() {
        ring.swap(i, words.next() as usize % i);
    }
    (0..1_000_000 * rounds).fold(0, |x, _| ring[x as usize])
}

fn icall(_: &mut [u32], rounds: u64) -> u32 {
    let functions: [fn(u32) -> u32; 4] =
        [|x| x.wrapping_add(1), |x| x.wrapping_mul(3), |x| x ^ 0x55, |x| x.rotate_right(1)];
    let functions = black_box(functions);
    (0..1_000_000 * rounds).fold(1, |x: u32, r| functions[(x >> 3 & 3) as usize](x).wrapping_add(r as u32))
}

#[unsafe(no_mangle)]
extern "sysv64" fn trap_dispatch(frame: &mut kit::trap::Frame) {
    println!("bench: exception {} at {:#x}", frame.vector, frame.rip);
    exit(EXIT_PANIC)
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    println!("bench: {info}");
    exit(EXIT_PANIC)
}
