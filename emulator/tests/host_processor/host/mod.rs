//! The comparison: rows, every code of the decoder library, random operands.

mod account;
mod address;
mod approximate;
mod boot;
mod bounds;
mod case;
mod compare;
mod edges;
mod elsewhere;
mod encode;
mod exact;
mod faults;
mod features;
mod fetch;
mod floats;
mod forbidden;
mod generate;
mod guest;
mod images;
mod implicit;
mod minimal;
mod native;
mod place;
mod planted;
mod random;
mod reference;
mod report;
mod rows;
mod selectors;
mod table;
mod vectors;

pub use bounds::hold as hold_approximations;
pub use elsewhere::same_bits_in_wasm;
pub use planted::minimises;

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Compares instructions of code of so many bits; an error says why the host cannot.
pub fn compare(bits: u32) -> Result<(), String> {
    let native = native::Native::new(bits)?;
    let mut run = compare::Run::new(native, number("EXITLESS_SEED", 0x5eed_cafe));
    run.rows(24);
    if bits == 64 {
        run.codes(number("EXITLESS_TIMES", 40) as u32);
    }
    run.too_long();
    if bits == 64 {
        run.faults(number("EXITLESS_FAULTS", 12) as u32);
        run.fetches(2);
        run.forbidden(8);
    }
    run.random(number("EXITLESS_CASES", 30_000));
    run.report();
    run.judge();
    Ok(())
}
