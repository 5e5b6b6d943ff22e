//! The VMX instructions (SDM 30.3), each in the order of the manual's pseudo-code.

use super::NO_VMCS;
use super::entry::vm_entry;
use crate::cpu::arch::{PHYSICAL_BITS, cr0, cr4};
use crate::cpu::exec::system::{displacement, memory_operand};
use crate::cpu::flags::VM;
use crate::cpu::mode::LINEAR_32;
use crate::cpu::op::OpBits;
use crate::cpu::{Core, Fault, Flow, Op, Trap};
use crate::vmx::ept::{Rules, beyond};
use crate::vmx::instruction_info::{self, Operand};
use crate::vmx::invalidate;
use crate::vmx::{ExitReason, LaunchState, VmInstructionError};

/// IA32_FEATURE_CONTROL: the lock, and VMX outside SMX.
const FEATURE_CONTROL_VMXON: u64 = 1 << 0 | 1 << 2;

/// VMXON m64.
pub fn vmxon(core: &mut Core<'_>, op: &Op) -> Flow {
    if wrong_mode(core) || core.cpu.cr4 & cr4::VMXE == 0 {
        return Err(Fault::UD.into());
    }
    if core.cpu.vmx.on {
        exit_with_pointer(core, op, ExitReason::VMXON)?;
        privileged(core)?;
        return core.vm_fail(op, VmInstructionError::VMXON_IN_VMX_ROOT);
    }
    privileged(core)?;
    let caps = &core.cpu.vmx.caps;
    let control = core.cpu.msrs.feature_control & FEATURE_CONTROL_VMXON;
    if !caps.cr0_permitted(core.cpu.cr0, false)
        || !caps.cr4_permitted(core.cpu.cr4)
        || control != FEATURE_CONTROL_VMXON
    {
        return Err(Fault::gp(0).into());
    }
    let pointer = pointer_operand(core, op)?;
    if !is_region(pointer) || !has_revision(core, pointer) {
        return core.vm_fail_invalid(op);
    }
    let vmx = &mut core.cpu.vmx;
    vmx.on = true;
    vmx.vmxon = pointer;
    vmx.pointer = NO_VMCS;
    vm_succeed(core)
}

/// VMXOFF.
pub fn vmxoff(core: &mut Core<'_>, op: &Op) -> Flow {
    in_vmx_operation(core)?;
    if core.non_root() {
        return Err(core.exit_for_instruction(ExitReason::VMXOFF, op, 0, 0));
    }
    privileged(core)?;
    core.put_back_vmcs();
    core.cpu.vmx.on = false;
    core.cpu.vmx.vmxon = NO_VMCS;
    vm_succeed(core)
}

/// VMCLEAR m64.
pub fn vmclear(core: &mut Core<'_>, op: &Op) -> Flow {
    in_vmx_operation(core)?;
    exit_with_pointer(core, op, ExitReason::VMCLEAR)?;
    privileged(core)?;
    let pointer = pointer_operand(core, op)?;
    if !is_region(pointer) {
        return core.vm_fail(op, VmInstructionError::VMCLEAR_INVALID_ADDRESS);
    }
    if pointer == core.cpu.vmx.vmxon {
        return core.vm_fail(op, VmInstructionError::VMCLEAR_VMXON_POINTER);
    }
    if pointer == core.cpu.vmx.pointer {
        core.cpu.vmx.vmcs.launch_state = LaunchState::Clear;
        core.put_back_vmcs();
    } else {
        core.clear_region(pointer);
    }
    vm_succeed(core)
}

/// VMPTRLD m64.
pub fn vmptrld(core: &mut Core<'_>, op: &Op) -> Flow {
    in_vmx_operation(core)?;
    exit_with_pointer(core, op, ExitReason::VMPTRLD)?;
    privileged(core)?;
    let pointer = pointer_operand(core, op)?;
    if !is_region(pointer) {
        return core.vm_fail(op, VmInstructionError::VMPTRLD_INVALID_ADDRESS);
    }
    if pointer == core.cpu.vmx.vmxon {
        return core.vm_fail(op, VmInstructionError::VMPTRLD_VMXON_POINTER);
    }
    if !has_revision(core, pointer) {
        return core.vm_fail(op, VmInstructionError::VMPTRLD_INCORRECT_REVISION);
    }
    if pointer != core.cpu.vmx.pointer {
        core.put_back_vmcs();
        core.fetch_vmcs(pointer);
    }
    vm_succeed(core)
}

/// VMPTRST m64.
pub fn vmptrst(core: &mut Core<'_>, op: &Op) -> Flow {
    in_vmx_operation(core)?;
    exit_with_pointer(core, op, ExitReason::VMPTRST)?;
    privileged(core)?;
    let linear = core.linear(op);
    core.store(op, linear, core.cpu.vmx.pointer)?;
    vm_succeed(core)
}

/// VMREAD r/m64, r64: the source register holds the encoding.
pub fn vmread(core: &mut Core<'_>, op: &Op) -> Flow {
    in_vmx_operation(core)?;
    exit_with_field(core, op, ExitReason::VMREAD, op.dst, op.src)?;
    privileged(core)?;
    if core.cpu.vmx.pointer == NO_VMCS {
        return core.vm_fail_invalid(op);
    }
    let vmx = &core.cpu.vmx;
    let value = match vmx.vmcs.read_encoding(&vmx.caps, register(core, op.src)) {
        Ok(value) => value,
        Err(error) => return core.vm_fail(op, error),
    };
    let memory = op.bits & OpBits::MEMORY != 0;
    let linear = if memory { core.linear(op) } else { 0 };
    // Outside 64-bit mode operands have 32 bits (SDM 30.3).
    match (memory, core.legacy()) {
        (true, false) => core.store(op, linear, value)?,
        (true, true) => core.store(op, linear, value as u32)?,
        (false, legacy) => {
            core.hot.regs[usize::from(op.dst & 15)] = if legacy { value & LINEAR_32 } else { value }
        }
    }
    vm_succeed(core)
}

/// VMWRITE r64, r/m64: the destination register holds the encoding.
pub fn vmwrite(core: &mut Core<'_>, op: &Op) -> Flow {
    in_vmx_operation(core)?;
    exit_with_field(core, op, ExitReason::VMWRITE, op.src, op.dst)?;
    privileged(core)?;
    if core.cpu.vmx.pointer == NO_VMCS {
        return core.vm_fail_invalid(op);
    }
    let memory = op.bits & OpBits::MEMORY != 0;
    let linear = if memory { core.linear(op) } else { 0 };
    let value = match (memory, core.legacy()) {
        (true, false) => core.load::<u64>(op, linear)?,
        (true, true) => core.load::<u32>(op, linear)?.into(),
        (false, _) => register(core, op.src),
    };
    let encoding = register(core, op.dst);
    let vmx = &mut core.cpu.vmx;
    match vmx.vmcs.write_encoding(&vmx.caps, encoding, value) {
        Ok(()) => vm_succeed(core),
        Err(error) => core.vm_fail(op, error),
    }
}

/// VMLAUNCH.
pub fn vmlaunch(core: &mut Core<'_>, op: &Op) -> Flow {
    enter(core, op, ExitReason::VMLAUNCH, true)
}

/// VMRESUME.
pub fn vmresume(core: &mut Core<'_>, op: &Op) -> Flow {
    enter(core, op, ExitReason::VMRESUME, false)
}

fn enter(core: &mut Core<'_>, op: &Op, reason: ExitReason, launch: bool) -> Flow {
    in_vmx_operation(core)?;
    if core.non_root() {
        return Err(core.exit_for_instruction(reason, op, 0, 0));
    }
    privileged(core)?;
    vm_entry(core, op, launch)
}

/// VMCALL: exits at every privilege level in non-root operation, and is good for nothing in root operation.
pub fn vmcall(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.non_root() {
        return Err(core.exit_for_instruction(ExitReason::VMCALL, op, 0, 0));
    }
    in_vmx_operation(core)?;
    privileged(core)?;
    core.vm_fail(op, VmInstructionError::VMCALL_IN_VMX_ROOT)
}

/// INVEPT r64, m128. The software TLB follows the tables by itself, so only the operands matter.
pub fn invept(core: &mut Core<'_>, op: &Op) -> Flow {
    let rules = may_invalidate(core, op, ExitReason::INVEPT)?;
    let kind = register(core, op.dst);
    if !invalidate::has_invept(&rules, kind) {
        return core.vm_fail(op, VmInstructionError::INVALID_OPERAND_TO_INVEPT_INVVPID);
    }
    match invalidate::invept(&rules, kind, descriptor_operand(core, op)?) {
        Ok(_) => vm_succeed(core),
        Err(error) => core.vm_fail(op, error),
    }
}

/// INVVPID r64, m128. As for INVEPT.
pub fn invvpid(core: &mut Core<'_>, op: &Op) -> Flow {
    let rules = may_invalidate(core, op, ExitReason::INVVPID)?;
    let kind = register(core, op.dst);
    if !invalidate::has_invvpid(&rules, kind) {
        return core.vm_fail(op, VmInstructionError::INVALID_OPERAND_TO_INVEPT_INVVPID);
    }
    match invalidate::invvpid(&rules, kind, descriptor_operand(core, op)?) {
        Ok(_) => vm_succeed(core),
        Err(error) => core.vm_fail(op, error),
    }
}

/// What comes before the operands of INVEPT and INVVPID are looked at.
fn may_invalidate(core: &mut Core<'_>, op: &Op, reason: ExitReason) -> Result<Rules, Trap> {
    in_vmx_operation(core)?;
    if core.non_root() {
        let info = instruction_info::invalidate(memory_operand(op), op.dst);
        return Err(core.exit_for_instruction(reason, op, displacement(core, op), info));
    }
    privileged(core)?;
    Ok(Rules::new(&core.cpu.vmx.caps, PHYSICAL_BITS))
}

fn descriptor_operand(core: &mut Core<'_>, op: &Op) -> Result<[u64; 2], Trap> {
    let linear = core.linear(op);
    Ok([core.load(op, linear)?, core.load(op, linear.wrapping_add(8))?])
}

/// CR0.PE is 0, RFLAGS.VM is 1, or compatibility mode.
fn wrong_mode(core: &Core<'_>) -> bool {
    let real = core.cpu.cr0 & cr0::PE == 0 || core.hot.flags.system & VM != 0;
    real || core.cpu.long_mode() && !core.cpu.mode_64()
}

fn in_vmx_operation(core: &Core<'_>) -> Flow {
    if !core.cpu.vmx.on || wrong_mode(core) { Err(Fault::UD.into()) } else { Ok(()) }
}

fn privileged(core: &Core<'_>) -> Flow {
    if core.cpu.cpl() > 0 { Err(Fault::gp(0).into()) } else { Ok(()) }
}

fn exit_with_pointer(core: &mut Core<'_>, op: &Op, reason: ExitReason) -> Flow {
    if !core.non_root() {
        return Ok(());
    }
    let info = instruction_info::vmcs_pointer(memory_operand(op));
    Err(core.exit_for_instruction(reason, op, displacement(core, op), info))
}

fn exit_with_field(core: &mut Core<'_>, op: &Op, reason: ExitReason, value: u8, encoding: u8) -> Flow {
    if !core.non_root() {
        return Ok(());
    }
    let memory = op.bits & OpBits::MEMORY != 0;
    let operand = if memory { Operand::Memory(memory_operand(op)) } else { Operand::Register(value) };
    let qualification = if memory { displacement(core, op) } else { 0 };
    let info = instruction_info::vmread_vmwrite(operand, encoding);
    Err(core.exit_for_instruction(reason, op, qualification, info))
}

/// A register operand: 32 bits of it outside 64-bit mode.
fn register(core: &Core<'_>, index: u8) -> u64 {
    let value = core.hot.regs[usize::from(index & 15)];
    if core.legacy() { value & LINEAR_32 } else { value }
}

fn pointer_operand(core: &mut Core<'_>, op: &Op) -> Result<u64, Trap> {
    let linear = core.linear(op);
    core.load(op, linear)
}

/// A 4-KByte-aligned physical address.
fn is_region(pointer: u64) -> bool {
    pointer & (0xfff | beyond(PHYSICAL_BITS)) == 0
}

/// Bits 30:0 are the revision identifier; bit 31 marks a shadow VMCS, which this processor has not.
fn has_revision(core: &Core<'_>, pointer: u64) -> bool {
    core.mem.read_u32(pointer) == Some(core.cpu.vmx.caps.revision())
}

fn vm_succeed(core: &mut Core<'_>) -> Flow {
    core.hot.flags.set_arithmetic(0);
    core.finish()
}
