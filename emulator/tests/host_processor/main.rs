//! The emulator's instructions against the processor this runs on, for every unprivileged instruction that the
//! emulator has: registers, flags, memory and exceptions with error code and CR2, floating point and vectors included.
//! In 64-bit mode, and the integer instructions of 32-bit code in compatibility mode, those that 64-bit mode lacks
//! among them.
//!
//! `EXITLESS_SEED` chooses the cases, `EXITLESS_CASES` how many there are of random bytes, `EXITLESS_TIMES` how many of
//! each code, `EXITLESS_FAULTS` how many of each at the end of a page, `EXITLESS_ARGUMENTS` how many arguments each
//! approximation gets; `EXITLESS_VERBOSE` lists every code that is not compared. On a host that is no x86-64 Linux the
//! comparison is skipped, and with `EXITLESS_REQUIRE_ALL=1` fails.

#[path = "../common/mod.rs"]
mod common;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod host;

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod host {
    pub fn compare(_bits: u32) -> Result<(), String> {
        Err("the host is not an x86-64 Linux".into())
    }

    pub fn minimises() -> Result<(), String> {
        Err("the host is not an x86-64 Linux".into())
    }

    pub fn hold_approximations() {
        _ = super::common::skip::<()>("the host is not an x86-64 Linux");
    }

    pub fn same_bits_in_wasm() {
        _ = super::common::skip::<()>("the host is not an x86-64 Linux");
    }
}

/// Says that nothing was compared, if so, which is a failure where everything must be.
fn judge(result: Result<(), String>) {
    if let Err(reason) = result {
        println!("SKIPPED: {reason}");
        assert!(std::env::var("EXITLESS_REQUIRE_ALL").as_deref() != Ok("1"), "not skippable here: {reason}");
    }
}

#[test]
fn every_instruction_does_what_the_host_does() {
    judge(host::compare(64));
}

#[test]
fn code_of_32_bits_does_what_the_host_does() {
    judge(host::compare(32));
}

#[test]
fn what_is_printed_is_the_least_case_that_differs() {
    judge(host::minimises());
}

#[test]
fn approximations_keep_to_the_manuals_bounds() {
    host::hold_approximations();
}

#[test]
fn floating_point_and_vectors_give_the_same_bits_natively_and_in_wasm() {
    host::same_bits_in_wasm();
}
