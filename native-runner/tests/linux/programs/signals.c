/* Signals: what the kernel tells of each processor exception, and that a handler disturbs nothing. */
#include "suite.h"
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <xmmintrin.h>

static sigjmp_buf back;
static struct {
    int signal, code;
    long long trap, error, address, rip;
} seen;

static void report(int signal, siginfo_t *info, void *context)
{
    ucontext_t *c = context;
    seen.signal = signal;
    seen.code = info->si_code;
    seen.trap = c->uc_mcontext.gregs[REG_TRAPNO];
    seen.error = c->uc_mcontext.gregs[REG_ERR];
    seen.address = (long long)info->si_addr;
    seen.rip = c->uc_mcontext.gregs[REG_RIP];
    siglongjmp(back, 1);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };
    MUST(sigaction(signal, &action, NULL) == 0);
}

/* Runs what faults; `base` makes an address that differs between two runs the same. */
#define FAULTS(name, base, ...)                                                                      \
    do {                                                                                             \
        memset(&seen, 0, sizeof(seen));                                                              \
        if (sigsetjmp(back, 1) == 0) {                                                               \
            __VA_ARGS__;                                                                             \
        }                                                                                            \
        printf("signals %-16s signal %d code %d trap %lld error %lld address %llx\n", name, seen.signal, \
            seen.code, seen.trap, seen.error, seen.address - (long long)(base));                     \
    } while (0)

static void exceptions(void)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(page != MAP_FAILED);
    memset(page, 0xc3, 8192);
    MUST(mprotect(page, 4096, PROT_READ) == 0 && munmap(page + 4096, 4096) == 0);
    char *volatile nothing = NULL;
    const double one = 1.0, less = -1.0, none = 0.0;
    FAULTS("write", page, *(volatile char *)(page + 5) = 1);
    FAULTS("write across", page, *(volatile uint64_t *)(page + 4092) = 1);
    FAULTS("read", page, (void)*(volatile char *)(page + 4096));
    FAULTS("read across", page, (void)*(volatile uint64_t *)(page + 4093));
    FAULTS("fetch", page, ((void (*)(void))page)());
    FAULTS("null", 0, (void)*(volatile char *)(nothing + 8));
    FAULTS("not canonical", 0, (void)*(volatile char *)0x800000000000ull);
    FAULTS("divide", seen.rip, __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0)));
    FAULTS("divide overflow", seen.rip, __asm__ volatile("idivl %%ecx" : : "a"(0x80000000), "d"(-1), "c"(-1)));
    FAULTS("ud2", seen.rip, __asm__ volatile("ud2"));
    FAULTS("int3", 0, __asm__ volatile("int3"));
    FAULTS("hlt", 0, __asm__ volatile("hlt"));
    FAULTS("rdmsr", 0, __asm__ volatile("rdmsr" : : "c"(0x10) : "eax", "edx"));
    FAULTS("in", 0, __asm__ volatile("inb $0x80, %%al" : : : "eax"));
    FAULTS("unaligned movaps", 0, __asm__ volatile("movaps %0, %%xmm0" : : "m"(page[8]) : "xmm0"));
    FAULTS("int 0x81", 0, __asm__ volatile("int $0x81"));
    FAULTS("single step", seen.rip, __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop" : : : "memory"));
    FAULTS("SSE 1 / 0", seen.rip, feenableexcept(FE_DIVBYZERO);
           __asm__ volatile("divsd %1, %0" : : "x"(one), "x"(none)));
    FAULTS("SSE invalid", seen.rip, feenableexcept(FE_INVALID); __asm__ volatile("sqrtsd %0, %0" : : "x"(less)));
    FAULTS("x87 1 / 0", seen.rip, feenableexcept(FE_DIVBYZERO);
           __asm__ volatile("fld1; fdivl %0; fwait" : : "m"(none)));
    fesetenv(FE_DFL_ENV);
}

/* A file's page behind its end. */
static void bus_error(void)
{
    char name[] = "/tmp/suite.XXXXXX";
    int file = mkstemp(name);
    MUST(file >= 0 && unlink(name) == 0 && ftruncate(file, 100) == 0);
    char *page = mmap(NULL, 8192, PROT_READ, MAP_SHARED, file, 0);
    MUST(page != MAP_FAILED);
    FAULTS("behind a file", page, (void)*(volatile char *)(page + 4096));
    close(file);
}

static volatile sig_atomic_t ticks, order[8], ordered;

/* Leaves every register class other than it was: the kernel restores them. */
static void disturb(int signal)
{
    fesetround(FE_UPWARD);
    _mm_setcsr(_mm_getcsr() | 0x8000);
    __asm__ volatile("xorps %%xmm0, %%xmm0; xorps %%xmm7, %%xmm7; xorps %%xmm15, %%xmm15; fninit; fldpi; fldpi"
        : : : "xmm0", "xmm7", "xmm15", "memory");
    ticks += signal != 0;
}

static void under_a_timer(void)
{
    struct sigaction action = { .sa_handler = disturb, .sa_flags = SA_RESTART };
    struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = { 0 };
    double sum = 0, again = 0;
    long double wide = 0, wide_again = 0;
    for (int i = 1; i < 20000; i++)
        sum += 1.0 / i, wide += 1.0L / i;
    MUST(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
    int rounds = 0;
    for (; ticks < 20; rounds++) {
        again = 0, wide_again = 0;
        for (int i = 1; i < 20000; i++)
            again += 1.0 / i, wide_again += 1.0L / i;
        if (again != sum || wide_again != wide)
            break;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    printf("signals timer            %s %a %La\n", again == sum && wide_again == wide ? "same" : "DIFFERS", again, wide_again);
}

static void note(int signal)
{
    order[ordered++] = signal;
}

static void masks(void)
{
    sigset_t set, pending;
    sigemptyset(&set);
    for (int s = SIGRTMIN + 3; s >= SIGRTMIN; s--)
        sigaddset(&set, s), signal(s, note);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int s = SIGRTMIN + 3; s >= SIGRTMIN; s--)
        raise(s);
    sigpending(&pending);
    int waiting = sigismember(&pending, SIGRTMIN) + sigismember(&pending, SIGRTMIN + 3);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("signals masked           %d waited; order", waiting);
    for (int i = 0; i < ordered; i++)
        printf(" %d", order[i] - SIGRTMIN);
    printf("\n");
}

static void on_another_stack(int signal, siginfo_t *info, void *context)
{
    char here;
    (void)context;
    static char *stack;
    if (!stack)
        stack = &here;
    seen.signal = signal;
    seen.address = info->si_code;
    siglongjmp(back, 1);
}

static int deeper(volatile int n)
{
    volatile char room[4096];
    room[0] = (char)n;
    return n == -1 ? 0 : deeper(n + 1) + room[0];
}

/* The stack overflows, and the handler runs on its own. */
static void overflow(void)
{
    stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
    MUST(stack.ss_sp && sigaltstack(&stack, NULL) == 0);
    handle(SIGSEGV, on_another_stack, SA_ONSTACK);
    if (sigsetjmp(back, 1) == 0)
        printf("%d\n", deeper(0));
    printf("signals stack overflow   signal %d code %lld\n", seen.signal, seen.address);
}

static void queued(void)
{
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        sigqueue(parent, SIGUSR1, (union sigval){ .sival_int = 4711 });
        _exit(0);
    }
    MUST(sigwaitinfo(&set, &info) == SIGUSR1 && waitpid(child, NULL, 0) == child);
    printf("signals queued           %d %d\n", info.si_value.sival_int, info.si_pid == child);
}

void signals(void)
{
    const int all[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    for (int i = 0; i < 5; i++)
        handle(all[i], report, 0);
    exceptions();
    bus_error();
    under_a_timer();
    masks();
    queued();
    overflow();
    for (int i = 0; i < 5; i++)
        signal(all[i], SIG_DFL);
}
