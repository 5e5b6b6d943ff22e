# Code, data and zeroed memory: three segments.
.text
.globl _start
_start: hlt
jmp _start
.data
.quad 0x1122334455667788
.bss
.skip 64
