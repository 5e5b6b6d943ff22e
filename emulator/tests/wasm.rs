//! The machine in WebAssembly is the machine: 32-bit addresses and another compiler change nothing.

mod common;

use emulator::machine::{Budget, Stop};
use emulator::peer::Workload;
use emulator::time::Time;

#[test]
fn a_stream_has_the_same_history_natively_and_in_wasm() {
    let (Some(image), Some(mut node)) = (common::image("netguest"), common::wasm::Node::start()) else {
        return;
    };
    let path = common::image_path("netguest");
    for seed in [1, 2] {
        let config = common::config(Workload::Stream, seed);
        let mut machine = common::bare(&config, &image, "");
        node.boot(seed, &path, &common::guest_line(&config, ""));
        for end in [Time::ms(1), Time::ms(5), Time::ms(10)] {
            assert_eq!(machine.run(Budget::until(end)), Stop::Budget);
            let ran = node.run(0, end.0, u64::MAX);
            assert!(ran.goes_on && ran.retired > 0, "at {end:?}");
            let native = (machine.trace_hash(), machine.state_hash());
            assert_eq!(node.hashes(), native, "seed {seed} at {end:?}");
        }
        assert!(machine.peer_report().bytes > 0, "nothing was streamed, so nothing was compared");
    }
}
