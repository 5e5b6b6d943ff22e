//! What a run has compared, what it has not and why, and its verdict.

use iced_x86::{Code, Mnemonic as M};

use super::account::{self, Account};
use super::case::bits;
use super::compare::Run;
use super::features;
use super::table::{self, ABSENT};

/// Differences printed.
const SHOWN: usize = 40;

impl Run {
    /// Prints what was compared and what was not.
    pub fn report(&self) {
        println!(
            "{} cases, {} with an exception, {} of them page faults; {} mnemonics in {} codes",
            self.ran,
            self.faults,
            self.page_faults.values().sum::<u64>(),
            self.mnemonics.len(),
            self.covered.len()
        );
        println!("  invalid (LOCK where it may not be, more than 15 bytes): {}", self.refused);
        println!("  fetches of code that is cut off by the end of its page, or is none: {}", self.fetches);
        for ((name, _), count) in table::families().zip(&self.families) {
            println!("  {name}: {count}");
        }
        for (reason, count) in &self.skipped {
            println!("  cases left out {count}: {reason}");
        }
        for (what, why) in ABSENT.iter().filter(|_| bits() == 32) {
            println!("  absent: {what}: {why}");
        }
    }

    /// Fails if anything differed, or if an instruction of the table never came up.
    pub fn judge(&mut self) {
        for text in self.differences.values().take(SHOWN) {
            println!("{text}");
        }
        assert!(self.differences.is_empty(), "{} codes differ from the host", self.differences.len());
        if bits() == 64 {
            self.judge_faults();
            self.account();
            return;
        }
        let missing: Vec<M> = table::families()
            .flat_map(|(_, mnemonics)| mnemonics.iter().copied())
            .filter(|mnemonic| !self.mnemonics.contains(mnemonic) && table::exists(*mnemonic))
            .collect();
        assert!(missing.is_empty(), "never came up: {missing:?}");
    }

    /// Prints and judges the account of every code of 64-bit mode.
    fn account(&mut self) {
        features::agree_with_the_standard_library();
        let account = account::account(&self.covered);
        print(&account);
        let Account { unaccounted, contradictory, .. } = &account;
        assert!(unaccounted.is_empty(), "neither compared nor left out for a reason: {unaccounted:?}");
        assert!(contradictory.is_empty(), "compared, though left out for a reason: {contradictory:?}");
        let (mut tried, mut wrong) = (0, Vec::new());
        for code in account::codes() {
            if let Some(bytes) = account::of_no_model(code) {
                tried += 1;
                wrong.extend(account::not_invalid(code, &self.alone(&bytes)));
            }
        }
        println!("  {tried} codes that no model has raise #UD");
        assert!(wrong.is_empty(), "no model has them, and yet: {wrong:#?}");
    }
}

fn print(account: &Account) {
    let left_out: usize = account.left_out.values().map(Vec::len).sum();
    let Account { all, compared, .. } = account;
    println!("{all} codes of 64-bit mode and CPL 3: {compared} compared, {left_out} not:");
    let verbose = std::env::var_os("EXITLESS_VERBOSE").is_some();
    for (reason, codes) in &account.left_out {
        let shown: Vec<Code> = codes.iter().copied().take(if verbose { usize::MAX } else { 3 }).collect();
        let more = if shown.len() < codes.len() { ", ..." } else { "" };
        println!("  {} not compared: {reason}: {shown:?}{more}", codes.len());
    }
    for feature in &account.lacking {
        println!("SKIPPED: a model has {feature:?}, and the host's CPUID lacks it");
    }
}
