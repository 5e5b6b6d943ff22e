/* What every part of the suite uses: seeded words, and a checksum of all that it computes. */
#ifndef SUITE_H
#define SUITE_H

#define _GNU_SOURCE
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Xorshift; a part seeds it for itself, so that no part's words hang on another's. */
struct words {
    uint64_t state;
};

static inline uint64_t next(struct words *w)
{
    w->state ^= w->state << 13;
    w->state ^= w->state >> 7;
    w->state ^= w->state << 17;
    return w->state;
}

/* Whatever is put in, eight bytes at a time; each word changes all later ones. */
static inline uint64_t mix(uint64_t sum, const void *data, size_t length)
{
    const unsigned char *at = data;
    for (; length >= 8; at += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15ull;
        sum ^= sum >> 29;
    }
    while (length--)
        sum = (sum ^ *at++) * 0x100000001b3ull;
    return sum;
}

#define SUM_BEGIN 0xcbf29ce484222325ull
#define MIX(sum, value) ((sum) = mix((sum), &(value), sizeof(value)))

/* A line of the output; what differs between two processors is then seen by name. */
static inline void say(const char *name, uint64_t sum)
{
    printf("%-24s %016llx\n", name, (unsigned long long)sum);
}

/* Ends the suite where a system call that cannot fail has failed. */
#define MUST(condition)                                                      \
    do {                                                                     \
        if (!(condition)) {                                                  \
            printf("%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            fflush(stdout);                                                  \
            _exit(1);                                                        \
        }                                                                    \
    } while (0)

/* `wide` is set where the processor has AVX2, FMA and BMI2. */
void integer(void);
void floating(void);
void vectors(int wide);
void strings(void);
void signals(void);
void threads(void);
void memory(void);
void processes(const char *self);

#endif
