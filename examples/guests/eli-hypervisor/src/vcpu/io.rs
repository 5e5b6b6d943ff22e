//! I/O instructions: every port exits. Configuration space and the console are emulated, the machine's two debug
//! ports are handed on, every other port is not there.

use super::{Exit, Stop, Vcpu};
use crate::device::{CONFIG_ADDRESS, CONFIG_DATA};
use crate::vmx::register::RAX;
use crate::vmx::spec::field::EXIT_QUALIFICATION;
use crate::vmx::vmread;
use kit::port::{EXIT_PORT, MARK_INJECTION, MARK_PORT, exit, outl};

/// COM1's eight ports.
const COM1: u16 = 0x3F8;
const COM1_LAST: u16 = 0x3FF;
const CONFIG_DATA_LAST: u16 = CONFIG_DATA + 3;

/// Exit reason 30. Qualification: 2:0 size minus one, bit 3 IN, bit 4 string, 31:16 port.
pub fn io_instruction(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    let qualification = vmread(EXIT_QUALIFICATION);
    let (size, port) = ((qualification & 7) + 1, (qualification >> 16) as u16);
    if qualification & 1 << 4 != 0 {
        // INS and OUTS: no device of the guest's takes them.
        vcpu.raise_gp();
        return Ok(());
    }
    let mask = u64::MAX >> (64 - 8 * size);
    let rax = vcpu.registers.0[RAX];
    if qualification & 1 << 3 != 0 {
        let value = read(vcpu, port, size) as u64 & mask;
        // A 32-bit result clears the upper half of RAX, a smaller one leaves the rest alone.
        vcpu.registers.0[RAX] = if size == 4 { value } else { rax & !mask | value };
    } else {
        write(vcpu, port, size, (rax & mask) as u32);
    }
    vcpu.skip();
    Ok(())
}

fn read(vcpu: &mut Vcpu, port: u16, size: u64) -> u32 {
    match port {
        CONFIG_ADDRESS | CONFIG_DATA..=CONFIG_DATA_LAST => vcpu.device.read_port(port, size),
        COM1..=COM1_LAST if size == 1 => vcpu.uart.read(port - COM1) as u32,
        _ => u32::MAX,
    }
}

fn write(vcpu: &mut Vcpu, port: u16, size: u64, value: u32) {
    match port {
        CONFIG_ADDRESS | CONFIG_DATA..=CONFIG_DATA_LAST => {
            let effect = vcpu.device.write_port(port, size, value);
            vcpu.apply(effect);
        }
        COM1..=COM1_LAST if size == 1 => vcpu.uart.write(port - COM1, value as u8),
        // The guest switches its machine off, and there is no other guest.
        EXIT_PORT => exit(value as u8),
        // Marks about injections are the host's to write.
        MARK_PORT if size == 4 && (value >> 24) as u8 != MARK_INJECTION => {
            // SAFETY: the mark port only records a value.
            unsafe { outl(MARK_PORT, value) }
        }
        _ => {}
    }
}
