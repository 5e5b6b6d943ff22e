# Integer instructions, strings, the stack, and a page walk or two; cut in two by a snapshot.
.include "common.inc"
options 13
    mov ecx, 400
1:  imul rax, rcx, 0x12345
    xor rdx, rax
    bsf r8, rdx
    rol rdx, 7
    adc rbx, rdx
    push rbx
    shld rbx, rdx, 13
    pop r9
    bt rbx, rcx
    setc r10b
    cmovs r11, rbx
    movzx esi, bl
    lock xadd [rsi + 0x2f0000], rbx
    cmpxchg8b [0x2f1000]
    popcnt rdi, rdx
    loop 1b
    mov edi, 0x280000
    mov ecx, 100
    rep stosq
    mov esi, 0x27ff80
    mov ecx, 50
    std
    rep movsb
    cld
    xor edx, edx
    div rcx
    cpuid
    rdtsc
    mov rax, cr3
    mov cr3, rax
    invlpg [rsi]
    mov rax, [0x12345678]
    mov [0x8000], rax
    finish
