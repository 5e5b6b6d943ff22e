# A bzImage of one setup sector and 256 bytes of kernel (Linux boot protocol 2.15), loaded at 2 MiB.
.org 0x1f1
.byte 1
.org 0x1f4
.long 16
.org 0x1fe
.short 0xaa55
.byte 0xeb, 0x66
.ascii "HdrS"
.short 0x20f
.org 0x22c
.long 0x7fffffff
.org 0x236
.short 1
.long 255
.org 0x258
.quad 0x200000
.long 0x1000
.org 0x400
.rept 256
hlt
.endr
