//! The walk of the extended page tables, entry by entry.

use super::{EPTP, rules};
use crate::vmx::ept::{self, Access, EptFault, EptMapping, EptMemory, Rules};
use std::collections::BTreeMap;

/// Page tables as a map; addresses that are not in it read as not present.
#[derive(Default)]
struct Tables(BTreeMap<u64, u64>);

impl EptMemory for Tables {
    fn read_entry(&mut self, address: u64) -> Option<u64> {
        Some(self.0.get(&address).copied().unwrap_or(0))
    }
    fn write_entry(&mut self, address: u64, entry: u64) {
        self.0.insert(address, entry);
    }
}

/// Entries by address.
type Changes<'a> = &'a [(u64, u64)];

const GPA: u64 = 1 << 39 | 2 << 30 | 3 << 21 | 4 << 12 | 0x567;

/// Four levels at 1000, 2000, 3000 and 4000 that map GPA to page 9000; `changes` are laid over them.
fn translate(eptp: u64, access: Access, changes: Changes) -> (Result<EptMapping, EptFault>, Tables) {
    let mut tables =
        Tables(BTreeMap::from([(0x1008, 0x2007), (0x2010, 0x3007), (0x3018, 0x4007), (0x4020, 0x9037)]));
    tables.0.extend(changes.iter().copied());
    let result = ept::walk(&rules(), eptp, GPA, access, &mut tables);
    (result, tables)
}

fn violation(qualification: u64) -> Result<EptMapping, EptFault> {
    Err(EptFault::Violation { qualification })
}

#[test]
fn pages_of_each_size_translate() {
    let rows: [(Changes, u64, u8); 3] = [
        (&[], 0x9567, 12),
        (&[(0x3018, 0x60_00b7)], 0x60_4567, 21),
        (&[(0x2010, 0x8000_00b7)], 0x8060_4567, 30),
    ];
    for (changes, hpa, shift) in rows {
        let mapping = translate(EPTP, Access::READ, changes).0.unwrap();
        assert_eq!((mapping.hpa, mapping.page_shift, mapping.memory_type), (hpa, shift, 6));
        assert!(mapping.readable && mapping.writable && mapping.executable && mapping.dirty);
    }
}

#[test]
fn violations_say_the_access_and_what_all_entries_allow() {
    assert_eq!(translate(EPTP, Access::WRITE, &[(0x4020, 0x9035)]).0, violation(0b101_010));
    assert_eq!(translate(EPTP, Access::WRITE, &[(0x2010, 0x3005)]).0, violation(0b101_010));
    assert_eq!(translate(EPTP, Access::FETCH, &[(0x2010, 0x3003), (0x4020, 0x9035)]).0, violation(0b001_100));
    assert_eq!(translate(EPTP, Access::READ, &[(0x3018, 0)]).0, violation(0b000_001));
    assert_eq!(translate(EPTP, Access::READ, &[(0x4020, 0x9034)]).0, violation(0b100_001));
    assert_eq!(translate(EPTP, Access::READ_WRITE, &[(0x4020, 0x9031)]).0, violation(0b001_011));
    assert!(translate(EPTP, Access::FETCH, &[(0x4020, 0x9034)]).0.is_ok());
}

#[test]
fn entries_that_the_manual_forbids_are_misconfigured() {
    let rows = [
        (0x4020, 0x9032),                // write without read
        (0x4020, 0x9036),                // write and execute without read
        (0x1008, 0x2002),                // the same in a table entry
        (0x4020, 0x9017),                // memory type 2
        (0x4020, 0x901f),                // memory type 3
        (0x4020, 0x903f),                // memory type 7
        (0x4020, 0x9037 | 1 << 36),      // beyond MAXPHYADDR
        (0x1008, 0x2007 | 1 << 7),       // PML4E bit 7
        (0x3018, 0x4007 | 1 << 3),       // PDE bit 3
        (0x3018, 0x60_10b7),             // 2-MByte page not aligned
        (0x2010, 0x8000_00b7 | 1 << 21), // 1-GByte page not aligned
    ];
    for change in rows {
        let result = translate(EPTP, Access::READ, &[change]).0;
        assert_eq!(result, Err(EptFault::Misconfiguration), "{change:x?}");
    }
    // A misconfiguration below comes before a missing permission above.
    let both = translate(EPTP, Access::WRITE, &[(0x1008, 0x2005), (0x4020, 0x9032)]).0;
    assert_eq!(both, Err(EptFault::Misconfiguration));
}

#[test]
fn options_of_the_tables_need_their_capabilities() {
    let plain = Rules { capability: 1 << 6 | 1 << 14, maxphyaddr: 36 };
    for change in [(0x4020, 0x9034), (0x3018, 0x60_00b7), (0x2010, 0x8000_00b7)] {
        let mut tables = translate(EPTP, Access::READ, &[change]).1;
        let result = ept::walk(&plain, EPTP, GPA, Access::FETCH, &mut tables);
        assert_eq!(result, Err(EptFault::Misconfiguration), "{change:x?}");
    }
}

#[test]
fn accessed_and_dirty_flags_are_set_when_asked_for() {
    let with_flags = EPTP | ept::EPTP_ACCESSED_AND_DIRTY;
    let (mapping, tables) = translate(with_flags, Access::READ, &[]);
    assert!(!mapping.unwrap().dirty);
    assert!(tables.0.values().all(|e| e & 0x300 == 0x100));
    let (mapping, tables) = translate(with_flags, Access::WRITE, &[]);
    assert!(mapping.unwrap().dirty);
    assert_eq!((tables.0[&0x3018] & 0x300, tables.0[&0x4020] & 0x300), (0x100, 0x300));
    assert!(translate(EPTP, Access::WRITE, &[]).1.0.values().all(|e| e & 0x300 == 0));
}
