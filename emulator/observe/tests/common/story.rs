//! Interrupts without end, for exporters: each with its packet, two exits and an injection.

use emulator::time::Time;
use emulator::trace::{ExitFacts, Kind, LifeId, Origin, Record};
use emulator::vmx::ExitReason;
use observe::export::{Event, Point, Sample, Tapped};

/// Between two interrupts, picoseconds: 50,000 a second.
const PERIOD: u64 = 20_000_000;

/// Feeds the events of `interrupts` interrupts; how many events that were, and when the last came.
pub fn tell(interrupts: u32, mut to: impl FnMut(&Event<'_>)) -> (u64, u64) {
    let device = Origin::Device { source: emulator::pci::NIC.0, vector: 0 }.words();
    let mut frame = Tapped { time: 0, point: Point::Wire, inbound: true, bytes: vec![0xab; 66] };
    let exit = |reason, interruption| ExitFacts {
        reason: ExitReason(reason),
        qualification: 0,
        interruption,
        error_code: 0,
        vectoring: 0,
        msr: 0x80b,
        rip: 0x20_1000,
    };
    let (mut events, mut now) = (0, 0);
    for life in 1..=interrupts {
        let start = u64::from(life) * PERIOD;
        let mut ns = 0;
        let mut put = |event: &Event<'_>| {
            events += 1;
            to(event);
        };
        let mut record = |put: &mut dyn FnMut(&Event<'_>), kind, life, a, b| {
            ns += 300;
            now = start + ns * 1_000;
            put(&Event::Record(&Record { time: Time(now), a, b, life: LifeId(life), kind, cpu: 0 }));
        };
        frame.time = start;
        for point in [Point::Wire, Point::Guest] {
            frame.point = point;
            put(&Event::Frame(&frame));
        }
        record(&mut put, Kind::PacketReceived, 0, 66, 0);
        record(&mut put, Kind::Raised, life, device.0, device.1);
        record(&mut put, Kind::Message, life, 0xfee0_0210, 0);
        record(&mut put, Kind::Remapped, life, 16, 0x61);
        record(&mut put, Kind::Pending, life, 0, 0x61);
        record(&mut put, Kind::Acknowledged, life, 1, 0x61);
        put(&Event::Exit(&exit(1, 0x8000_0061)));
        record(&mut put, Kind::VmExit, life, 3 << 32 | 1, 0);
        record(&mut put, Kind::Eoi, life, 0, 0x61);
        record(&mut put, Kind::VmEntry, 0, 0x8000_0051, 0x20_1000);
        record(&mut put, Kind::Injected, life, 0x8000_0051, 0);
        record(&mut put, Kind::Delivered, life, 0x20_2000, 0x151);
        put(&Event::Exit(&exit(32, 0)));
        record(&mut put, Kind::VmExit, life, 3 << 32 | 32, 0);
        record(&mut put, Kind::VirtualEoi, life, 0, 0x51);
        record(&mut put, Kind::VmEntry, 0, 0, 0x20_2010);
        put(&Event::Sample(&Sample { time: start, cpu: 0, mode: "guest", symbol: "work", cycles: 48_000 }));
    }
    (events, now)
}
