/* Threads: whatever their order, what they compute together is the same. */
#include "suite.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

enum { COUNT = 8, ROUNDS = 500 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t full, empty;
static long plain, turn;
static atomic_long counted, most;
static __thread uint64_t own;
static uint64_t cells[COUNT], queue[16];

static void *count(void *number)
{
    struct words w = { (uint64_t)(uintptr_t)number + 1 };
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        plain += (long)(next(&w) & 0xff);
        pthread_mutex_unlock(&mutex);
        atomic_fetch_add(&counted, 3);
        long was = atomic_load(&most), mine = (long)(next(&w) >> 20);
        while (was < mine && !atomic_compare_exchange_weak(&most, &was, mine))
            ;
        own = own * 31 + (w.state & 0xff);
        if (i % 50 == 0)
            sched_yield();
    }
    return (void *)(uintptr_t)own;
}

/* Each waits for its turn: a ring of wake-ups. */
static void *in_turn(void *number)
{
    long me = (long)(uintptr_t)number;
    for (int round = 0; round < 30; round++) {
        pthread_mutex_lock(&mutex);
        while (turn % COUNT != me)
            pthread_cond_wait(&turned, &mutex);
        cells[me] = cells[(me + COUNT - 1) % COUNT] * 6364136223846793005u + (uint64_t)turn;
        turn++;
        pthread_cond_broadcast(&turned);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

/* Phases between barriers: each phase reads what the neighbours wrote in the one before. */
static void *in_step(void *number)
{
    size_t me = (size_t)(uintptr_t)number;
    for (int phase = 0; phase < 40; phase++) {
        uint64_t left = cells[(me + COUNT - 1) % COUNT], right = cells[(me + 1) % COUNT];
        pthread_barrier_wait(&barrier);
        cells[me] = left * 3 + (right ^ me);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void *produce(void *unused)
{
    struct words w = { 5 };
    for (int i = 0; i < 1000; i++) {
        sem_wait(&empty);
        queue[i & 15] = next(&w);
        sem_post(&full);
    }
    return unused;
}

/* Writers keep a pair equal; a reader that sees it unequal says so. */
static void *read_or_write(void *number)
{
    static volatile long pair[2];
    long torn = 0;
    for (int i = 0; i < ROUNDS; i++) {
        if ((uintptr_t)number % 4 == 0) {
            pthread_rwlock_wrlock(&lock);
            pair[0]++;
            pair[1]++;
            pthread_rwlock_unlock(&lock);
        } else {
            pthread_rwlock_rdlock(&lock);
            torn += pair[0] != pair[1];
            pthread_rwlock_unlock(&lock);
        }
    }
    return (void *)torn;
}

/* Runs eight of them, and joins what they return. */
static uint64_t together(void *(*run)(void *))
{
    pthread_t threads[COUNT];
    uint64_t sum = SUM_BEGIN;
    for (size_t i = 0; i < COUNT; i++)
        MUST(pthread_create(&threads[i], NULL, run, (void *)i) == 0);
    for (size_t i = 0; i < COUNT; i++) {
        void *result;
        MUST(pthread_join(threads[i], &result) == 0);
        MIX(sum, result);
    }
    return sum;
}

static uint64_t consumed(void)
{
    pthread_t producer;
    uint64_t sum = SUM_BEGIN;
    sem_init(&full, 0, 0);
    sem_init(&empty, 0, 16);
    MUST(pthread_create(&producer, NULL, produce, NULL) == 0);
    for (int i = 0; i < 1000; i++) {
        sem_wait(&full);
        MIX(sum, queue[i & 15]);
        sem_post(&empty);
    }
    pthread_join(producer, NULL);
    return sum;
}

/* Threads that come and go: two hundred stacks made and given back. */
static uint64_t short_lived(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < 25; i++)
        sum += together(read_or_write) == together(in_turn);
    return sum;
}

void threads(void)
{
    say("threads counting", together(count));
    printf("threads sums             %ld %ld %ld\n", plain, counted, most);
    together(in_turn);
    say("threads in turn", mix(SUM_BEGIN, cells, sizeof(cells)));
    MUST(pthread_barrier_init(&barrier, NULL, COUNT) == 0);
    together(in_step);
    say("threads in step", mix(SUM_BEGIN, cells, sizeof(cells)));
    say("threads with a queue", consumed());
    say("threads reading, writing", together(read_or_write));
    say("threads short-lived", short_lived());
}
