# Stores to the local APIC, the I/O APIC, VT-d, ECAM and the NIC, then waits for what comes of it.
.include "common.inc"
options 3
    mov ecx, 0x1b
    rdmsr
    or eax, 0xc00
    wrmsr
    mov eax, 0x1ff
    xor edx, edx
    mov ecx, 0x80f
    wrmsr
    mov eax, 0x20040
    mov ecx, 0x832
    wrmsr
    mov eax, 0x1000
    mov ecx, 0x838
    wrmsr
    mov eax, 0x40041
    mov ecx, 0x830
    wrmsr
    store_all table, end
    mov eax, [0xfed90000 - 0x100000000 + 8]
    sti
    mov ecx, 300
2:  pause
    loop 2b
    hlt
    finish
.macro row address, value
    .int \address, \value
.endm
.balign 8
table:
    row 0xfec00000, 0x10
    row 0xfec00010, 0x50
    row 0xb0018004, 6
    row 0xb0018074, 0x80000000
    row 0xe0008000, 1
    row 0xe0080000, 0xfee00000
    row 0xe0080008, 0x45
    row 0xe008000c, 0
    row 0xe0000000, 0x4000000
    row 0xe0000880, 0xffff
    row 0xe0000900, 0x80
    row 0xe0001000, 0x260000
    row 0xe0001008, 0x100
    row 0xe0001028, 0x2000000
    row 0xe0001018, 8
    row 0xe0003000, 1
    row 0xe0005080, 0x700
    row 0xe0006000, 0x261000
    row 0xe0006008, 0x100
    row 0xe0006028, 0x2000000
    row 0xe0004a80, 1
    row 0xe0006018, 4
    row 0xe0000808, 1
    row 0xfed90020, 0x262000
    row 0xfed90018, 0x40000000
    row 0xfed90090, 0x263000
    row 0xfed90018, 0x04000000
    row 0xfed90088, 0x10
    row 0xfed90018, 0x84000000
end:
