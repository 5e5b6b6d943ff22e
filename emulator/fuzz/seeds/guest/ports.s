# Each device behind ports: UART, PIT, PIC, RTC, PM timer, PCI configuration, marks.
.include "common.inc"
options 3
    mov esi, offset table
1:  movzx edx, word ptr [rsi]
    mov eax, [rsi + 2]
    out dx, eax
    out dx, al
    in al, dx
    in eax, dx
    add esi, 6
    cmp esi, offset end
    jb 1b
    finish
.macro row port, value
    .word \port
    .int \value
.endm
table:
    row 0x3f8, 0x41
    row 0x3fb, 0x83
    row 0x3f9, 0xf
    row 0x43, 0x34
    row 0x40, 0x10
    row 0x61, 1
    row 0x20, 0x11
    row 0x21, 0x20
    row 0x70, 0xb
    row 0x71, 0x42
    row 0x608, 0
    row 0x5e0, 0x1004041
    row 0xcf8, 0x80001810
    row 0xcfc, 0xffffffff
    row 0xcfc, 0xe0000000
    row 0xcf8, 0x80001804
    row 0xcfc, 6
    row 0xc000, 8
    row 0xc004, 0x200
end:
