use super::*;
use crate::pci::spec::{BAR0, COMMAND};

#[test]
fn a_driver_finds_the_link_up_at_ten_gigabits_and_its_address() {
    let mut b = Bench::new();
    assert_eq!(b.nic.config_read(0, 4), 0x10fb_8086);
    assert_eq!(b.nic.config_read(0x2c, 4), 0x0003_8086);
    assert_eq!(b.read(LINKS) & 0x7000_0000, 0x7000_0000);
    assert_ne!(b.read(STATUS) & STATUS_LINK_UP, 0);
    assert_eq!(b.read(RAL), 0x1200_5452);
    assert_eq!(b.read(RAL_LEGACY + 4), 0x8000_5634);
    assert_eq!(b.world.count(Kind::Link), 1);
}

#[test]
fn a_reset_puts_registers_back_and_clears_itself() {
    let mut b = Bench::ready();
    b.write(CTRL, CTRL_RST | CTRL_LRST);
    assert_eq!(b.read(CTRL) & (CTRL_RST | CTRL_LRST), 0);
    assert_eq!(b.read(LINKS), 0);
    assert_eq!(b.read(EIMS), 0);
    assert_eq!(b.read(RX_QUEUES_LOW + queue::CONTROL), 0);
    assert_eq!(b.read(RAL), 0x1200_5452);
    b.run_for(Time::us(60));
    assert_ne!(b.read(LINKS) & 1 << 30, 0);
    assert_ne!(b.read(EICS) & EICR_LSC, 0, "reading EICS shows the causes");
    assert_ne!(b.read(EICR) & EICR_LSC, 0);
    assert_eq!(b.read(EICR), 0, "reading EICR clears them");
}

#[test]
fn master_disable_is_reported_at_once() {
    let mut b = Bench::new();
    assert_ne!(b.read(STATUS) & STATUS_MASTER_ENABLE, 0);
    b.write(CTRL, CTRL_MASTER_DISABLE);
    assert_eq!(b.read(STATUS) & STATUS_MASTER_ENABLE, 0);
}

#[test]
fn a_function_level_reset_takes_the_command_register_and_the_bars() {
    let mut b = Bench::ready();
    assert_eq!(b.nic.claims().0.len(), 2, "memory is on, I/O was turned off by the driver");
    let control = b.nic.config_read(0xa8, 2);
    b.config(0xa8, control | 0x8000);
    assert_eq!(b.nic.config_read(COMMAND, 2), 0);
    assert_eq!(b.nic.config_read(BAR0, 4), 4);
    assert_eq!(b.nic.config_read(0xa8, 2) & 0x8000, 0);
    assert!(b.nic.claims().0.is_empty());
}

#[test]
fn registers_answer_through_the_io_bar() {
    let mut b = Bench::new();
    b.nic.io_write(b.world.now, 0, 4, RAL, &mut b.world);
    assert_eq!(b.nic.io_read(b.world.now, 4, 4, &mut b.world), 0x1200_5452);
}

#[test]
fn the_tree_names_what_is_there() {
    let b = Bench::ready();
    let tree = b.nic.inspect();
    assert!(tree.find("receive/queue 0/head").is_some());
    assert!(tree.find("MSI-X/entry 0/address").is_some());
    assert!(tree.find("registers/RXCTRL").is_some());
}

#[test]
fn a_reset_ends_the_master_disable_that_came_before_it() {
    let mut b = Bench::ready();
    b.write(CTRL, CTRL_MASTER_DISABLE);
    b.write(CTRL, CTRL_MASTER_DISABLE | CTRL_RST);
    assert_eq!(b.read(CTRL), 0);
    assert_ne!(b.read(STATUS) & STATUS_MASTER_ENABLE, 0);
}

#[test]
fn the_link_needs_the_laser_and_the_mode_that_the_module_speaks() {
    let mut b = Bench::ready();
    let up = |b: &mut Bench| b.read(LINKS) & 1 << 30 != 0;
    let esdp = b.read(ESDP);
    b.write(ESDP, esdp | ESDP_TX_DISABLE);
    assert!(!up(&mut b));
    b.run_for(Time::us(60));
    assert!(!up(&mut b), "as long as the laser is off");
    b.write(ESDP, esdp);
    b.run_for(Time::us(60));
    assert!(up(&mut b));

    // A driver's way to reset the pipeline: a backplane mode, until negotiation begins, and back.
    let autoc = b.read(AUTOC) | AUTOC_RESTART_AN;
    assert_eq!(b.read(ANLP1) & 0xf_0000, 0);
    b.write(AUTOC, autoc ^ AUTOC_LMS_BACKPLANE);
    b.run_for(Time::us(60));
    assert!(!up(&mut b));
    assert_ne!(b.read(ANLP1) & 0xf_0000, 0);
    b.write(AUTOC, autoc);
    b.run_for(Time::us(60));
    assert!(up(&mut b));
}

#[test]
fn a_forced_link_is_up_without_a_laser() {
    let mut b = Bench::ready();
    b.write(ESDP, ESDP_TX_DISABLE);
    b.write(AUTOC, AUTOC_RESET | AUTOC_FLU);
    assert_ne!(b.read(LINKS) & 1 << 30, 0);
    b.write(AUTOC, AUTOC_RESET);
    assert_eq!(b.read(LINKS) & 1 << 30, 0);
}

#[test]
fn a_receive_address_keeps_its_bits_and_no_others() {
    let mut b = Bench::ready();
    for at in [RAL + 4, RAL_LEGACY + 8 * 15 + 4] {
        b.write(at, 0xffff_ffff);
        assert_eq!(b.read(at), 0x8000_ffff);
    }
}

#[test]
fn firmware_is_there_and_takes_a_command() {
    let mut b = Bench::new();
    assert_eq!(b.read(0x10148) & 0x8000, 0x8000, "valid");
    b.write(FLEX_MNG, 0x0000_05dd);
    b.write(HICR, HICR_EN | HICR_C);
    assert_eq!(b.read(HICR), HICR_EN | HICR_SV);
    assert_eq!(b.read(FLEX_MNG) >> 16 & 0xff, 1);
}
