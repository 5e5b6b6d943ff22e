//! The index of interrupts agrees with the machine's own counters, and its anchors lead to their records.

mod common;

use emulator::time::Time;
use observe::lives::{Class, End};
use observe::travel::{Traveller, Until};

#[test]
fn interrupts_of_a_run_add_up_to_the_counters() {
    let Some(plan) = common::plan() else { return };
    for task in plan.tasks() {
        let name = &plan.mode(task).name;
        let mut traveller = Traveller::of(common::rig(&plan, task), Default::default());
        assert_eq!(traveller.run(Until::Time(Time::ms(25))), None);
        let (lives, counters) = (traveller.lives(), traveller.machine().counters());
        let of_devices = || lives.all().iter().filter(|l| matches!(l.class(), Class::Nic | Class::Device));
        let ended = || of_devices().filter(|l| l.end.is_some() && l.acknowledged.is_some());
        assert!(counters.nic_interrupts > 200, "{name}: the guest is idle");
        assert_eq!(of_devices().count() as u64, counters.nic_raised, "{name}");
        assert_eq!(ended().count() as u64, counters.nic_lives_ended, "{name}");
        let exits: u32 = of_devices().map(|l| l.exits).sum();
        assert_eq!(u64::from(exits), counters.own_exits_of_nic_interrupts, "{name}");
        let superseded =
            of_devices().filter(|l| l.end.is_some_and(|(_, end)| end == End::Superseded)).count();
        assert_eq!(superseded as u64, counters.nic_superseded, "{name}");
        let virtual_ones = u64::from(lives.count(Class::Virtual));
        assert!(virtual_ones.abs_diff(counters.guest_ticks) <= 1, "{name}: {virtual_ones}");
        let lost: u64 = ended().map(|l| l.lost.0).sum();
        assert_eq!(lost > 0, exits > 0, "{name}");
        println!("{name}: {} lives in {} KiB", lives.all().len(), lives.bytes() >> 10);
    }
}

#[test]
fn an_anchor_leads_to_the_boundary_of_its_record() {
    let Some(plan) = common::plan() else { return };
    for task in common::pair(&plan) {
        let mut traveller = Traveller::of(common::rig(&plan, task), Default::default());
        traveller.run(Until::Time(Time::ms(15)));
        let index = traveller.lives().numbered(Class::Nic, 17).and_then(|l| l.steps().last()).unwrap().index;
        let record = traveller.record(index).unwrap();
        let anchor = traveller.lives().anchor(index, &record);
        assert!(traveller.seek_anchor(&anchor), "{anchor}");
        let event = traveller.position().event;
        assert!(event > index && event < index + 8, "{anchor}: {event} after {index}");
        assert!(!traveller.seek_anchor(&"nic:100000".parse().unwrap()));
        assert_eq!(traveller.position().event, event);
        assert!(traveller.seek_anchor(&"t=1204.318us".parse().unwrap()));
        assert!(traveller.position().time >= Time(1_204_318_000));
    }
}
