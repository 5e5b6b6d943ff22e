use super::*;

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

fn poke(b: &mut Bench, r: &mut Random) {
    let (x, address) = (r.next(), r.next() >> (r.next() % 64));
    let source = SourceId(r.next() as u16 & 0x1ff);
    let access = if x & 1 == 0 { Access::Read } else { Access::Write };
    match x >> 1 & 7 {
        0 => b.ram.0[(x >> 8) as usize % (4 << 20)] = (x >> 40) as u8,
        1 => drop(b.translate_as(source, address, access)),
        2 => drop(b.remap_as(source, 0xfee0_0000 | address & 0xf_ffff, x as u32)),
        3 => drop(b.unit.mmio_read(address, (x >> 8) as u8)),
        // Registers, mostly, with table addresses that lie in RAM, mostly.
        n => {
            let offset = if n == 4 { address } else { ((x >> 16) % 0x290) & !3 };
            let value = if n == 5 { address & 0x3f_ffff } else { address };
            let size = if x >> 60 == 0 { (x >> 50) as u8 } else { 4 << (x >> 63) };
            b.unit.mmio_write(offset, size, value, &mut b.ram, &mut b.effects);
        }
    }
}

#[test]
fn no_sequence_of_accesses_panics_and_the_same_one_gives_the_same_state() {
    let run = |seed| {
        let mut b = Bench::translating().with_queue();
        let mut r = Random(seed);
        b.ram.0.iter_mut().for_each(|byte| *byte = r.next() as u8);
        for _ in 0..30_000 {
            poke(&mut b, &mut r);
            assert!(b.effects.len() <= 40_000, "one access starts at most one turn of the queue");
            b.effects.clear();
        }
        drop(b.unit.inspect());
        b.unit
    };
    for seed in 1..=8 {
        assert!(run(seed) == run(seed), "seed {seed}");
    }
}

#[test]
fn extreme_registers_and_addresses_are_met_with_faults() {
    let mut b = Bench::new();
    for offset in (0..0x300).step_by(8) {
        b.write64(offset, u64::MAX);
    }
    assert!(b.translate(u64::MAX, Access::Write).is_err());
    assert!(b.remap(u64::MAX, u32::MAX).is_err());
    b.write64(!3, u64::MAX);
    b.unit.mmio_read(u64::MAX, 8);
}
