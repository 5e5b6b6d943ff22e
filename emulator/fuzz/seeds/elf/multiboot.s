# Multiboot headers, to go behind an ELF image's: 1 as it asks for memory, 1 with addresses of its own, 2 with an
# entry tag.
.section .one, "a"
.long 0x1badb002, 3, -(0x1badb002 + 3)
.section .flat, "a"
.long 0x1badb002, 0x10003, -(0x1badb002 + 0x10003)
.long 0x200000, 0x200000, 0x200100, 0x200200, 0x200040
.skip 32, 0x90
hlt
.skip 223
.section .two, "a"
.long 0xe85250d6, 0, 36, -(0xe85250d6 + 36)
.short 3, 0
.long 12, 0x200000, 0
.short 0, 0
.long 8
