# VMXON, a VMCS from a table, VMLAUNCH into 64-bit code; each exit skips an instruction and resumes.
.include "common.inc"
options 1
    mov ecx, 0x3a
    mov eax, 5
    xor edx, edx
    wrmsr
    mov rax, cr4
    or eax, 0x2000
    mov cr4, rax
    mov ecx, 0x480
    rdmsr
    mov ebx, 0x300000
    mov [rbx], eax
    mov [rbx + 0x1000], eax
    add ebx, 0x1000
    push rbx
    sub ebx, 0x1000
    push rbx
    vmxon [rsp]
    vmclear [rsp + 8]
    vmptrld [rsp + 8]
    mov esi, offset controls
1:  mov ecx, [rsi]
    rdmsr
    or eax, [rsi + 8]
    mov ebx, [rsi + 4]
    vmwrite rbx, rax
    add esi, 12
    cmp esi, offset fields
    jb 1b
2:  mov ebx, [rsi]
    mov eax, [rsi + 4]
    vmwrite rbx, rax
    add esi, 8
    cmp esi, offset end
    jb 2b
    mov ebx, 0x6c00
    mov rax, cr0
    vmwrite rbx, rax
    mov ebx, 0x6800
    vmwrite rbx, rax
    mov ebx, 0x6c04
    mov rax, cr4
    vmwrite rbx, rax
    mov ebx, 0x6804
    vmwrite rbx, rax
    vmlaunch
    jmp done
host:
    mov ebx, 0x4402
    vmread rax, rbx
    mov ebx, 0x440c
    vmread rcx, rbx
    mov ebx, 0x681e
    vmread rdx, rbx
    add rdx, rcx
    vmwrite rbx, rdx
    vmresume
done:
    mov ebx, 0x4400
    vmread rax, rbx
    finish
guest:
    mov ecx, 0x10
    rdmsr
    cpuid
    mov rax, cr3
    mov cr3, rax
    in al, 0x80
    vmcall
    invlpg [rax]
    hlt
    finish
.macro control msr, field, set
    .int \msr, \field, \set
.endm
.macro row field, value
    .int \field, \value
.endm
controls:
    control 0x481, 0x4000, 1
    control 0x482, 0x4002, 0x80
    control 0x483, 0x400c, 0x200
    control 0x484, 0x4012, 0x200
fields:
    row 0x2800, -1
    row 0x2801, -1
    row 0x4004, 0x40
    row 0x0c00, 16
    row 0x0c02, 8
    row 0x0c04, 16
    row 0x0c06, 16
    row 0x0c08, 16
    row 0x0c0a, 16
    row 0x0c0c, 24
    row 0x6c02, 0x8000
    row 0x6c0c, 0x101000
    row 0x6c0e, 0x1000
    row 0x6c14, 0x2ff000
    row 0x6c16, host
    row 0x0800, 16
    row 0x0802, 8
    row 0x0804, 16
    row 0x0806, 16
    row 0x0808, 16
    row 0x080a, 16
    row 0x080e, 24
    row 0x4800, -1
    row 0x4802, -1
    row 0x4804, -1
    row 0x4806, -1
    row 0x4808, -1
    row 0x480a, -1
    row 0x480e, 0x67
    row 0x4810, 23
    row 0x4812, 0xfff
    row 0x4814, 0xc093
    row 0x4816, 0xa09b
    row 0x4818, 0xc093
    row 0x481a, 0xc093
    row 0x481c, 0xc093
    row 0x481e, 0xc093
    row 0x4820, 0x10000
    row 0x4822, 0x8b
    row 0x6802, 0x8000
    row 0x6816, 0x1000
    row 0x6818, 0x101000
    row 0x681c, 0x2fe000
    row 0x681e, guest
    row 0x6820, 2
    row 0x681a, 0x400
end:
