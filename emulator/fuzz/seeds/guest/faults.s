# One exception after the other; each handler goes on at the next 16 bytes.
.include "common.inc"
options 1
    ud2
    .balign 16
    int3
    .balign 16
    int 0x80
    .balign 16
    div r15b
    xor edx, edx
    div edx
    .balign 16
    mov rax, [rsp + 0x7fffffff]
    mov rax, 0x8000000000000000
    mov [rax], al
    .balign 16
    mov eax, 0x10
    lldt ax
    ltr ax
    .balign 16
    wrmsr
    .balign 16
    mov eax, 0x80000001
    mov cr0, rax
    .balign 16
    iretq
    .balign 16
    lgdt [0x2ff000]
    .byte 0xcb
    .balign 16
    pushf
    or dword ptr [rsp], 0x100
    popf
    nop
    .balign 16
    mov dr7, rax
    syscall
    .balign 16
    finish
