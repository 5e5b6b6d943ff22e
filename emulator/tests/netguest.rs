//! The network guest on the bare machine: true exchanges, and a life by interrupts.

mod common;

use emulator::machine::{Budget, Stop};
use emulator::peer::Workload;
use emulator::time::Time;

#[test]
fn every_workload_is_verified_by_the_peer() {
    let Some(netguest) = common::image("netguest") else { return };
    for workload in [Workload::Stream, Workload::RequestResponse, Workload::Http, Workload::KeyValue] {
        let mut machine = common::bare(&common::config(workload, 3), &netguest, "");
        assert_eq!(machine.run(Budget::until(Time::ms(30))), Stop::Budget);
        let report = machine.peer_report();
        assert_eq!(report.errors, 0, "{}: {:?}", workload.name(), report.first_error);
        assert!(report.operations > 100, "{}: {} operations", workload.name(), report.operations);
        assert_eq!(machine.counters().exits.iter().sum::<u64>(), 0, "a bare machine has no VM exits");
    }
}

#[test]
fn with_its_vectors_masked_nothing_is_received() {
    let Some(netguest) = common::image("netguest") else { return };
    let config = common::config(Workload::RequestResponse, 1);
    let mut masked = common::bare(&config, &netguest, "mask=msix");
    masked.run(Budget::until(Time::ms(30)));
    assert_eq!(masked.counters().nic_interrupts, 0);
    assert_eq!(masked.peer_report().operations, 0, "{:?}", masked.peer_report().operations);
}

#[test]
fn a_transaction_takes_one_interrupt() {
    let Some(netguest) = common::image("netguest") else { return };
    let mut machine = common::bare(&common::config(Workload::RequestResponse, 1), &netguest, "");
    machine.run(Budget::until(Time::ms(10)));
    let (before, operations) = (machine.counters().clone(), machine.peer_report().operations);
    machine.run(Budget::until(Time::ms(40)));
    let interrupts = machine.counters().since(&before).nic_interrupts;
    let done = machine.peer_report().operations - operations;
    assert!(done > 500, "{done} transactions");
    assert!(interrupts.abs_diff(done) <= 1, "{interrupts} interrupts for {done} transactions");
}
