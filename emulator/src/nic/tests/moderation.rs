use super::*;

#[test]
fn moderation_holds_the_second_interrupt_back_until_the_interval_is_over() {
    let mut b = Bench::ready();
    // 50 units of 2 microseconds.
    b.write(EITR_LOW, 50 << 3);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(10));
    b.write(EIMS, 1);
    let first = b.world.messages[0].0;
    b.arrive(&broadcast(64));
    b.arrive(&broadcast(64));
    b.run_for(Time::us(50));
    assert_eq!(b.world.messages.len(), 1);
    assert_eq!(b.world.count(Kind::Moderated), 1);
    b.run_for(Time::us(100));
    assert_eq!(b.world.messages.len(), 2, "two causes, one interrupt");
    assert_eq!(b.world.messages[1].0, first.plus(Time::us(100)));
    assert_eq!(b.world.lives, 2);
}

#[test]
fn an_interval_in_which_nothing_happened_does_not_delay_the_next_interrupt() {
    let mut b = Bench::ready();
    b.write(EITR_LOW, 50 << 3);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(150));
    b.arrive(&broadcast(64));
    b.run_for(Time::us(5));
    assert_eq!(b.world.messages.len(), 2);
}

#[test]
fn the_counter_can_be_read_and_is_kept_when_its_write_is_disabled() {
    let mut b = Bench::ready();
    b.write(EITR_LOW, 50 << 3);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(2));
    assert_eq!(b.read(EITR_LOW) >> 21 & 0x7f, 50 >> 2);
    b.write(EITR_LOW, 20 << 3 | EITR_CNT_WDIS);
    assert_eq!(b.read(EITR_LOW) >> 21 & 0x7f, 50 >> 2);
    b.write(EITR_LOW, 20 << 3);
    assert_eq!(b.read(EITR_LOW) >> 21 & 0x7f, 0);
}

#[test]
fn a_masked_vector_sets_its_pending_bit_and_unmasking_sends() {
    let mut b = Bench::ready();
    b.nic.msix_write(b.world.now, 12, 4, 1, &mut b.world);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(10));
    assert!(b.world.messages.is_empty());
    assert_eq!(b.nic.msix_read(0x2000, 8), 1);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(10));
    b.nic.msix_write(b.world.now, 12, 4, 0, &mut b.world);
    assert_eq!(b.world.messages.len(), 1);
    assert_eq!(b.world.messages[0].3, LifeId(1), "both frames belong to the first's life");
    assert_eq!(b.nic.msix_read(0x2000, 8), 0);
}

#[test]
fn a_cause_under_eims_waits_and_enabling_it_sends() {
    let mut b = Bench::ready();
    b.write(EIMC, 1);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(10));
    assert!(b.world.messages.is_empty());
    assert_eq!(b.world.lives, 1);
    b.write(EIMS, 1);
    b.run_for(Time::us(10));
    assert_eq!(b.world.messages.len(), 1);
    assert_eq!(b.read(EICS), 0, "auto-cleared");
}

#[test]
fn a_cause_that_software_clears_before_it_is_sent_drops_the_interrupt() {
    let mut b = Bench::ready();
    b.write(EIMC, 1);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(10));
    assert_eq!(b.read(EICR), 1);
    assert_eq!(b.world.count(Kind::Dropped), 1);
    b.write(EIMS, 1);
    b.run_for(Time::us(10));
    assert!(b.world.messages.is_empty());
}

#[test]
fn auto_masking_lets_one_message_out_until_software_unmasks() {
    let mut b = Bench::ready();
    b.write(EIAM, 1);
    for _ in 0..3 {
        b.arrive(&broadcast(64));
        b.run_for(Time::us(10));
    }
    assert_eq!(b.world.messages.len(), 1);
    assert_eq!(b.read(EIMS), 0);
    b.write(EIMS, 1);
    b.run_for(Time::us(10));
    assert_eq!(b.world.messages.len(), 2);
}

#[test]
fn an_unacknowledged_cause_is_not_sent_again_by_unmasking_another() {
    let mut b = Bench::ready();
    b.write(IVAR_MISC, 0x8000);
    b.write(EIMS, EICR_LSC);
    b.write(EICS, EICR_LSC);
    b.run_for(Time::us(10));
    assert_eq!(b.world.messages.len(), 1);
    b.write(EIMS, 2);
    b.run_for(Time::us(10));
    assert_eq!(b.world.messages.len(), 1);
    b.write(EICR, EICR_LSC);
    assert_eq!(b.read(EICS), 0);
}

#[test]
fn software_can_raise_a_vector_above_sixteen() {
    let mut b = Bench::ready();
    for (i, value) in [0xfee0_1000, 0, 0x55, 0].into_iter().enumerate() {
        b.nic.msix_write(b.world.now, 40 * 16 + 4 * i as u64, 4, value, &mut b.world);
    }
    b.write(EIMS_EX + 4, 1 << 8);
    b.write(EICS_EX + 4, 1 << 8);
    b.run_for(Time::us(1));
    assert_eq!(b.world.messages[0].1, 0xfee0_1000);
}

#[test]
fn without_bus_mastering_nothing_leaves_and_turning_it_on_sends() {
    let mut b = Bench::ready();
    b.config(4, 2);
    b.write(EICS, 1);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(50));
    assert!(b.world.messages.is_empty());
    assert_eq!(b.world.quad(RX_RING + 8), 0);
    b.config(4, 6);
    b.run_for(Time::us(50));
    assert_eq!(b.world.quad(RX_RING + 8) as u32, rx::DD | rx::EOP);
    assert!(!b.world.messages.is_empty());
}

#[test]
fn with_msix_disabled_causes_only_show_in_eicr() {
    let mut b = Bench::ready();
    b.config(0x72, 0);
    b.arrive(&broadcast(64));
    b.run_for(Time::us(50));
    assert_eq!(b.world.lives, 0);
    assert_eq!(b.read(EICS), 1);
    b.config(0x72, 0x8000);
    b.run_for(Time::us(50));
    assert_eq!(b.world.messages.len(), 1);
}
