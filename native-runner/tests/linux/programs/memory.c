/* Memory as the kernel hands it out: maps moved, cut, protected, shared, given back, copied on write. */
#include "suite.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { PAGE = 4096, PAGES = 512 };

static unsigned char *map(size_t pages, int flags, int file)
{
    void *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
    MUST(memory != MAP_FAILED);
    return memory;
}

static void fill(unsigned char *memory, size_t pages, uint64_t seed)
{
    struct words w = { seed };
    for (size_t i = 0; i < pages * PAGE; i += 512) {
        uint64_t word = next(&w);
        memcpy(memory + i, &word, 8);
    }
}

static uint64_t sum_of(const unsigned char *memory, size_t pages)
{
    uint64_t sum = SUM_BEGIN;
    for (size_t i = 0; i < pages * PAGE; i += 256)
        sum = mix(sum, memory + i, 8);
    return sum;
}

static void moved(void)
{
    unsigned char *memory = map(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    fill(memory, PAGES, 1);
    say("memory filled", sum_of(memory, PAGES));
    memory = mremap(memory, PAGES * PAGE, 2 * PAGES * PAGE, MREMAP_MAYMOVE);
    MUST(memory != MAP_FAILED);
    fill(memory + PAGES * PAGE, PAGES / 2, 2);
    say("memory moved, grown", sum_of(memory, 2 * PAGES));
    MUST(madvise(memory + 64 * PAGE, 64 * PAGE, MADV_DONTNEED) == 0);
    MUST(munmap(memory + 256 * PAGE, 128 * PAGE) == 0);
    say("memory given back", sum_of(memory, 256) ^ sum_of(memory + 384 * PAGE, 640));
    MUST(munmap(memory, 2 * PAGES * PAGE) == 0);
}

/* Writes reach the file, and a private map of it keeps its own. */
static void of_a_file(void)
{
    char name[] = "/tmp/suite.XXXXXX";
    int file = mkstemp(name);
    MUST(file >= 0 && unlink(name) == 0 && ftruncate(file, 64 * PAGE) == 0);
    unsigned char *shared = map(64, MAP_SHARED, file), *private = map(64, MAP_PRIVATE, file);
    fill(shared, 64, 3);
    fill(private, 16, 4);
    static unsigned char read_back[64 * PAGE];
    MUST(pread(file, read_back, sizeof(read_back), 0) == sizeof(read_back));
    MUST(pwrite(file, "written", 7, 40 * PAGE) == 7);
    say("memory of a file", sum_of(read_back, 64));
    say("memory shared", sum_of(shared, 64));
    say("memory private", sum_of(private, 64));
    close(file);
}

/* Children write what they share with the parent and what they only seem to. */
static void copied_on_write(void)
{
    unsigned char *own = map(128, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    unsigned char *common = map(128, MAP_SHARED | MAP_ANONYMOUS, -1);
    fill(own, 128, 5);
    uint64_t results[8], before = sum_of(own, 128);
    for (size_t i = 0; i < 8; i++) {
        pid_t child = fork();
        MUST(child >= 0);
        if (child == 0) {
            fill(own + i * 16 * PAGE, 16, 100 + i);
            memcpy(common + i * PAGE, own + i * 16 * PAGE, PAGE);
            uint64_t sum = sum_of(own, 128);
            memcpy(common + (64 + i) * PAGE, &sum, 8);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    for (size_t i = 0; i < 8; i++)
        memcpy(&results[i], common + (64 + i) * PAGE, 8);
    MUST(before == sum_of(own, 128));
    say("memory copied on write", mix(sum_of(common, 128), results, sizeof(results)));
}

static unsigned char *watched;
static volatile int faults;

/* What a collector of garbage does: the first write to each page is noted, then allowed. */
static void on_write(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    size_t page = ((size_t)info->si_addr - (size_t)watched) / PAGE;
    faults++;
    mprotect(watched + page * PAGE, PAGE, PROT_READ | PROT_WRITE);
}

static void protected(void)
{
    struct sigaction action = { .sa_sigaction = on_write, .sa_flags = SA_SIGINFO };
    MUST(sigaction(SIGSEGV, &action, NULL) == 0);
    watched = map(64, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    struct words w = { 6 };
    for (int round = 0; round < 4; round++) {
        MUST(mprotect(watched, 64 * PAGE, PROT_READ) == 0);
        for (int i = 0; i < 300; i++) {
            uint64_t word = next(&w);
            /* Some lie across two pages: two faults within one instruction. */
            memcpy(watched + word % (64 * PAGE - 8), &word, 8);
        }
    }
    signal(SIGSEGV, SIG_DFL);
    printf("memory protected         %d faults\n", faults);
    say("memory written", sum_of(watched, 64));
}

/* Code that a program writes for itself, runs, and writes again. */
static void of_code(void)
{
    unsigned char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(code != MAP_FAILED);
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 200; i++) {
        /* lea eax, [rdi + i]; ret. */
        unsigned char body[] = { 0x8d, 0x87, (unsigned char)i, (unsigned char)(i * 7), 0, 0, 0xc3 };
        memcpy(code + (i % 3) * 2, body, sizeof(body));
        int result = ((int (*)(int))(code + (i % 3) * 2))(1000 * i);
        MIX(sum, result);
    }
    say("memory of code", sum);
}

static void heap(void)
{
    static struct {
        unsigned char *at;
        size_t length;
    } blocks[200];
    struct words w = { 9 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 6000; i++) {
        size_t n = next(&w) % 200, length = next(&w) % (i % 100 ? 2000 : 300000) + 1;
        if (blocks[n].at)
            sum = mix(sum, blocks[n].at + blocks[n].length / 2, 1);
        blocks[n].at = realloc(blocks[n].at, length);
        MUST(blocks[n].at);
        memset(blocks[n].at, i & 0xff, length);
        blocks[n].length = length;
    }
    for (int n = 0; n < 200; n++)
        free(blocks[n].at);
    say("memory of the heap", sum);
}

void memory(void)
{
    moved();
    of_a_file();
    copied_on_write();
    protected();
    of_code();
    heap();
}
