//! Compatibility mode against the processor this runs on: the integer instructions of 32-bit code, those that
//! 64-bit mode lacks among them. A signal's return enters it in a process of 64 bits.
//!
//! `EXITLESS_CASES` and `EXITLESS_SEED` choose how many random cases there are, and which. On a
//! host that is no x86-64 Linux the comparison is skipped, and with `EXITLESS_REQUIRE_ALL=1` fails.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/address.rs"]
mod address;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/approximate.rs"]
mod approximate;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/case.rs"]
mod case;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[allow(dead_code, reason = "the other comparison uses it")]
#[path = "host_processor/compare.rs"]
mod compare;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[allow(dead_code, reason = "the other comparison uses it")]
#[path = "host_processor/encode.rs"]
mod encode;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/floats.rs"]
mod floats;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/generate.rs"]
mod generate;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/guest.rs"]
mod guest;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/images.rs"]
mod images;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/implicit.rs"]
mod implicit;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/native.rs"]
mod native;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/random.rs"]
mod random;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/rows.rs"]
mod rows;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/table.rs"]
mod table;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[path = "host_processor/vectors.rs"]
mod vectors;

/// Says that nothing was compared, which is a failure where everything must be.
fn skip(reason: &str) {
    println!("SKIPPED: {reason}");
    assert!(std::env::var("EXITLESS_REQUIRE_ALL").as_deref() != Ok("1"), "not skippable here: {reason}");
}

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[test]
fn code_of_32_bits_does_what_the_host_does() {
    case::BITS.store(32, std::sync::atomic::Ordering::Relaxed);
    let native = match native::Native::new() {
        Ok(native) => native,
        Err(reason) => return skip(&reason),
    };
    let number =
        |name: &str, default| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let mut run = compare::Run::new(native, number("EXITLESS_SEED", 0x5eed_cafe));
    run.rows(24);
    run.too_long();
    run.random(number("EXITLESS_CASES", 30_000));
    run.report();
    run.judge();
}

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[test]
fn code_of_32_bits_does_what_the_host_does() {
    skip("the host is not an x86-64 Linux");
}
