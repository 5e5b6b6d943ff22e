//! Names and instructions where the processor is, in the host and in the guest, and looking changes nothing.

mod common;

use emulator::time::Time;
use emulator::trace::Kind;
use observe::disasm;
use observe::symbols::{SymbolMap, World};
use observe::travel::{Match, Traveller, Until};

#[test]
fn the_same_address_has_the_name_of_the_world_it_is_in() {
    let Some(plan) = common::plan() else { return };
    let task = common::pair(&plan)[0];
    let names = SymbolMap::of(&plan.boot(task).unwrap());
    let mut traveller = Traveller::of(common::rig(&plan, task), Default::default());
    traveller.run(Until::Time(Time::ms(12)));
    for (kind, world) in [(Kind::VmExit, World::Root), (Kind::Delivered, World::Guest)] {
        let last = traveller.records().len();
        traveller.find_previous(Match::Kind(kind), last).unwrap();
        let hash = traveller.hash();
        let machine = traveller.machine();
        assert_eq!(World::of(machine, 0), world, "{kind:?}");
        let rip = machine.registers(0).rip;
        let symbols = names.of_world(world);
        assert!(symbols.name(rip).is_some(), "{kind:?}: {rip:#x} has no name");
        let lines = disasm::around(machine, 0, &names, 4, 8);
        let here = lines.iter().position(|line| line.address == rip);
        assert!(here.is_some_and(|at| at <= 4 && lines.len() == at + 9), "{kind:?}: {lines:?}");
        assert!(lines.windows(2).all(|w| w[0].address + w[0].bytes.len() as u64 == w[1].address));
        // Both worlds have memory of their own at the other's address.
        let spaces = [World::Root, World::Guest].map(|w| w.space(machine, 0).expect("both are set up"));
        let [root, guest] = spaces.map(|space| machine.translate(space, rip));
        assert!(root.is_some() && guest.is_some() && root != guest, "{root:x?} {guest:x?}");
        assert_eq!(traveller.hash(), hash, "looking changed the machine");
    }
}
