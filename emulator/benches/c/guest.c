// The integer parts of a benchmark written for an operating system, on the bare machine.
//
// BENCH names that file. Its own main, its timing and its floating-point part are never referenced, so the
// compiler drops them; what stays needs no more than the four functions below.

#define main static unused_main
#include BENCH
#undef main

#define COM1 0x3f8
#define EXIT_PORT 0xf4

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static void put(const char *text) {
    while (*text) out8(COM1, (uint8_t)*text++);
}

static void put_hex(uint32_t value) {
    for (int shift = 28; shift >= 0; shift -= 4) out8(COM1, (uint8_t)"0123456789abcdef"[value >> shift & 15]);
}

// The C library's functions that the compiler or the benchmark calls, in plain instructions: a string
// instruction counts as one, however long, and would make no measure.
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

void *memset(void *to, int value, size_t count) {
    uint8_t *at = to;
    for (word fill = (uint8_t)value * 0x0101010101010101u; count >= sizeof fill; count -= sizeof fill) {
        *(word *)at = fill;
        at += sizeof fill;
    }
    while (count--) *at++ = (uint8_t)value;
    return to;
}

void *memcpy(void *to, const void *from, size_t count) {
    uint8_t *at = to;
    const uint8_t *source = from;
    for (; count >= sizeof(word); count -= sizeof(word)) {
        *(word *)at = *(const word *)source;
        at += sizeof(word);
        source += sizeof(word);
    }
    while (count--) *at++ = *source++;
    return to;
}

typedef int comparison(const void *, const void *);

static void sift(uint32_t *heap, size_t root, size_t count, comparison *compare) {
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(&heap[child], &heap[child + 1]) < 0) child++;
        if (compare(&heap[root], &heap[child]) >= 0) return;
        uint32_t swapped = heap[root];
        heap[root] = heap[child];
        heap[child] = swapped;
    }
}

// A heap sort: any sort gives the checksum that the C library's gives. Elements are 32-bit words.
void qsort(void *base, size_t count, size_t size, comparison *compare) {
    uint32_t *heap = base;
    if (size != sizeof *heap) __builtin_trap();
    for (size_t root = count / 2; root-- > 0;) sift(heap, root, count, compare);
    for (size_t last = count; last-- > 1;) {
        uint32_t swapped = heap[0];
        heap[0] = heap[last];
        heap[last] = swapped;
        sift(heap, 0, last, compare);
    }
}

// The parts with as many repetitions as the benchmark's own table has.
static const struct {
    const char *name;
    uint32_t (*run)(int);
    int repetitions;
} PARTS[] = {
    {"sieve", t_sieve, 20},   {"crc32", t_crc, 20}, {"qsort", t_sort, 4},   {"matmul_i", t_mmi, 15},
    {"memcpy", t_memcpy, 100}, {"chase", t_chase, 5}, {"icall", t_icall, 10},
};

static int same(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

// PVH's hvm_start_info, as far as it is used.
struct start_info {
    uint32_t magic, version, flags, nr_modules;
    uint64_t modlist_paddr, cmdline_paddr;
};

// The command line names one part, or none for all.
__attribute__((used)) static void run(const struct start_info *start_info) {
    const char *only = (const char *)start_info->cmdline_paddr;
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        if (only && *only && !same(only, PARTS[i].name)) continue;
        xs = 123456789; // Each part begins as if it were the only one.
        uint32_t sum = PARTS[i].run(PARTS[i].repetitions);
        put(PARTS[i].name);
        put(" ");
        put_hex(sum);
        put("\n");
    }
    out8(EXIT_PORT, 0);
}

__attribute__((used)) static uint8_t stack[65536];

// 64-bit mode, identity-mapped, RDI = PVH start info.
__asm__(".globl _start\n_start:\n lea stack+65536(%rip), %rsp\n call run\n1: hlt\n jmp 1b\n");
