//! Ports and bits of the platform's small devices: width, access and source of each.

/// COM1, eight byte ports (16550D datasheet).
pub const COM1: u16 = 0x3f8;
/// Debug exit, 8, 16 or 32 bits, WO: the value is the exit code.
pub const DEBUG_EXIT: u16 = 0xf4;
/// Mark port, 32 bits, WO: kind in bits 31:24, payload below.
pub const MARK: u16 = 0x5e0;
/// POST code, 8 bits, RW; also the traditional delay port.
pub const POST: u16 = 0x80;
/// System control port A, 8 bits, RW: bit 0 resets, bit 1 is A20.
pub const PORT_A: u16 = 0x92;
/// System control port B, 8 bits, RW: bit 0 gates PIT channel 2, bit 4 refresh, bit 5 OUT2.
pub const PORT_B: u16 = 0x61;
/// Keyboard controller command and status, 8 bits.
pub const KEYBOARD_COMMAND: u16 = 0x64;
/// Keyboard controller data, 8 bits.
pub const KEYBOARD_DATA: u16 = 0x60;
/// The keyboard controller's command that pulses the processor's reset line.
pub const KEYBOARD_RESET: u8 = 0xfe;
/// Reset control register, 8 bits, RW (ICH9 13.7.5): bit 1 SYS_RST, bit 2 RST_CPU.
pub const RESET_CONTROL: u16 = 0xcf9;
/// RESET_CONTROL.RST_CPU: its change from 0 to 1 resets.
pub const RST_CPU: u8 = 1 << 2;

/// PM1 status, 16 bits, RW1C (ACPI 4.8.3.1).
pub const PM1_STATUS: u16 = 0x600;
/// PM1 enable, 16 bits, RW (ACPI 4.8.3.1).
pub const PM1_ENABLE: u16 = 0x602;
/// PM1 control, 16 bits, RW (ACPI 4.8.3.2).
pub const PM1_CONTROL: u16 = 0x604;
/// Power management timer, 32 bits, RO (ACPI 4.8.3.3).
pub const PM_TIMER: u16 = 0x608;
/// Rate of the power management timer.
pub const PM_TIMER_HZ: u64 = 3_579_545;
/// PM1 control bit 0, SCI_EN: there is no SMM, so ACPI mode is always on.
pub const SCI_EN: u16 = 1;
/// PM1 control bits 12:10, SLP_TYP, begin here.
pub const SLP_TYP_SHIFT: u16 = 10;
/// PM1 control bit 13, SLP_EN, WO.
pub const SLP_EN: u16 = 1 << 13;
/// SLP_TYP of soft off, as `\_S5` in the DSDT says.
pub const SLP_TYP_S5: u16 = 5;

/// RTC index, 8 bits; bit 7 masks NMI.
pub const RTC_INDEX: u16 = 0x70;
/// RTC data, 8 bits.
pub const RTC_DATA: u16 = 0x71;

/// PIT channels 0 to 2, 8 bits each, and the mode register (8254 datasheet).
pub const PIT: u16 = 0x40;
/// Rate of the PIT.
pub const PIT_HZ: u64 = 1_193_182;

/// Primary 8259 command port; data is the next one.
pub const PIC_PRIMARY: u16 = 0x20;
/// Secondary 8259 command port; data is the next one.
pub const PIC_SECONDARY: u16 = 0xa0;
/// Edge/level control registers, two byte ports (ICH9 13.4.8).
pub const ELCR: u16 = 0x4d0;

/// ISA interrupt of COM1.
pub const COM1_IRQ: u8 = 4;
/// ISA interrupt of the RTC.
pub const RTC_IRQ: u8 = 8;
/// ISA interrupt of ACPI (SCI).
pub const SCI_IRQ: u8 = 9;

/// The event timers' registers (IA-PC HPET 1.0a, 2.3); offsets from their base.
pub mod hpet {
    /// Where they are.
    pub const BASE: u64 = 0xfed0_0000;
    /// How much they decode.
    pub const SIZE: u64 = 0x400;
    /// The counter's rate: 14.318180 MHz.
    pub const HZ: u64 = 14_318_180;

    /// General capabilities and id, 64 bits, RO (2.3.4).
    pub const GCAP_ID: u64 = 0x000;
    /// Period in femtoseconds in 63:32, vendor 8086h in 31:16, LEG_RT_CAP, COUNT_SIZE_CAP, three
    /// timers in 12:8, revision 1.
    pub const GCAP_ID_VALUE: u64 = 69_841_279 << 32 | 0x8086 << 16 | 1 << 15 | 1 << 13 | 2 << 8 | 1;
    /// General configuration, 64 bits, RW (2.3.5).
    pub const GEN_CONF: u64 = 0x010;
    /// The counter runs, and interrupts are allowed.
    pub const ENABLE_CNF: u32 = 1;
    /// Legacy replacement routing.
    pub const LEG_RT_CNF: u32 = 1 << 1;
    /// General interrupt status, 64 bits, RW1C (2.3.6).
    pub const GINTR_STA: u64 = 0x020;
    /// Main counter, 64 bits, RW while it stands (2.3.7).
    pub const MAIN_CNT: u64 = 0x0f0;

    /// Timer 0; the others follow.
    pub const TIMER_0: u64 = 0x100;
    /// From one timer to the next.
    pub const TIMER_SIZE: u64 = 0x20;
    /// Configuration and capabilities, 64 bits (2.3.8).
    pub const TN_CONF: u64 = 0x00;
    /// Comparator, 64 bits, RW (2.3.9).
    pub const TN_COMPARATOR: u64 = 0x08;
    /// Level-triggered.
    pub const TN_INT_TYPE: u32 = 1 << 1;
    /// Interrupts are enabled.
    pub const TN_INT_ENB: u32 = 1 << 2;
    /// Periodic.
    pub const TN_TYPE: u32 = 1 << 3;
    /// Can be periodic, RO.
    pub const TN_PER_INT_CAP: u64 = 1 << 4;
    /// The next write sets a periodic comparator.
    pub const TN_VAL_SET: u32 = 1 << 6;
    /// 32 bits only.
    pub const TN_32MODE: u32 = 1 << 8;
    /// The I/O APIC's pin is in bits 13:9.
    pub const TN_ROUTE_SHIFT: u32 = 9;
    /// What software may write.
    pub const TN_WRITABLE: u32 =
        TN_INT_TYPE | TN_INT_ENB | TN_TYPE | TN_VAL_SET | TN_32MODE | 0x1f << TN_ROUTE_SHIFT;
    /// Pins that a timer can be routed to, one bit each.
    pub const ROUTES: u32 = 0x00f0_0000;
    /// 64 bits wide; its routes in 63:32. No FSB delivery.
    pub const TN_CAPABILITIES: u64 = 1 << 5 | (ROUTES as u64) << 32;
}
