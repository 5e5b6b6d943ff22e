/* Processes: fork storms, trees of them, pipes between them, programs run. */
#include "suite.h"
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static int status_of(pid_t child)
{
    int status;
    MUST(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

/* Forty at a time, each ends with a code of its own or by a signal. */
static void storm(void)
{
    uint64_t sum = SUM_BEGIN;
    for (int round = 0; round < 5; round++) {
        pid_t children[40];
        for (int i = 0; i < 40; i++) {
            children[i] = fork();
            if (children[i] == 0 && i % 5 == 4)
                raise(SIGKILL);
            if (children[i] == 0)
                _exit(round * 40 + i);
        }
        for (int i = 0; i < 40; i++) {
            int status = status_of(children[i]);
            MIX(sum, status);
        }
    }
    say("processes in a storm", sum);
}

/* Each forks two until the depth is reached, and adds what they return through pipes. */
static uint64_t tree(int depth, uint64_t name)
{
    uint64_t sum = name * 0x9e3779b97f4a7c15;
    if (depth == 0)
        return sum;
    for (uint64_t side = 0; side < 2; side++) {
        int ends[2];
        uint64_t below = 0;
        MUST(pipe(ends) == 0);
        pid_t child = fork();
        if (child == 0) {
            below = tree(depth - 1, name * 2 + side);
            MUST(write(ends[1], &below, 8) == 8);
            _exit(0);
        }
        MUST(read(ends[0], &below, 8) == 8 && status_of(child) == 0);
        close(ends[0]), close(ends[1]);
        sum = sum * 31 + below;
    }
    return sum;
}

/* A chain: each stage reads, changes and hands on; 256 KiB flow through it. */
static void chain(void)
{
    enum { STAGES = 6, BYTES = 256 << 10 };
    int from = -1;
    for (int stage = 0; stage < STAGES; stage++) {
        int ends[2];
        MUST(pipe(ends) == 0);
        if (fork() == 0) {
            static unsigned char block[3000];
            close(ends[0]);
            struct words w = { 11 };
            ssize_t length = 0;
            for (size_t sent = 0; from < 0 ? sent < BYTES : (length = read(from, block, sizeof(block))) > 0;) {
                if (from < 0) {
                    length = (ssize_t)(BYTES - sent < sizeof(block) ? BYTES - sent : sizeof(block));
                    for (ssize_t i = 0; i < length; i++)
                        block[i] = (unsigned char)next(&w);
                }
                for (ssize_t i = 0; i < length; i++)
                    block[i] = (unsigned char)(block[i] * 5 + stage);
                for (ssize_t done = 0; done < length;) {
                    ssize_t n = write(ends[1], block + done, (size_t)(length - done));
                    MUST(n > 0);
                    done += n;
                }
                sent += (size_t)length;
            }
            _exit(0);
        }
        close(ends[1]);
        if (from >= 0)
            close(from);
        from = ends[0];
    }
    static unsigned char block[4096];
    uint64_t sum = SUM_BEGIN, total = 0;
    for (ssize_t n; (n = read(from, block, sizeof(block))) > 0; total += (uint64_t)n)
        sum = mix(sum, block, (size_t)n);
    close(from);
    while (wait(NULL) > 0)
        ;
    printf("processes in a chain     %llu bytes\n", (unsigned long long)total);
    say("processes' bytes", sum);
}

static void programs(const char *self)
{
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 12; i++) {
        char number[8];
        snprintf(number, sizeof(number), "%d", i);
        char *arguments[] = { (char *)self, "child", number, NULL };
        pid_t child;
        if (i % 2)
            MUST(posix_spawn(&child, self, NULL, NULL, arguments, environ) == 0);
        else if ((child = fork()) == 0) {
            execv(self, arguments);
            _exit(255);
        }
        int status = status_of(child);
        MIX(sum, status);
    }
    say("processes of programs", sum);
}

/* Stopped, continued, killed: what the parent is told. */
static void controlled(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    int told[3];
    MUST(kill(child, SIGSTOP) == 0 && waitpid(child, &told[0], WUNTRACED) == child);
    MUST(kill(child, SIGCONT) == 0 && waitpid(child, &told[1], WCONTINUED) == child);
    MUST(kill(child, SIGTERM) == 0 && waitpid(child, &told[2], 0) == child);
    printf("processes controlled     %x %x %x\n", (unsigned)told[0], (unsigned)told[1], (unsigned)told[2]);
}

void processes(const char *self)
{
    fflush(stdout);
    storm();
    say("processes in a tree", tree(5, 1));
    chain();
    programs(self);
    controlled();
}
