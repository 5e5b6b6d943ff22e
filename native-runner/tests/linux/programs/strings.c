/* The C library's string functions, on texts that end where a page does and the next cannot be read. */
#include "suite.h"
#include <strings.h>
#include <sys/mman.h>
#include <wchar.h>

enum { SIZE = 8192, ROUNDS = 1500 };

/* Memory whose last byte is the last that may be read. */
static char *guarded(void)
{
    char *memory = mmap(NULL, SIZE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(memory != MAP_FAILED && mprotect(memory + SIZE, 4096, PROT_NONE) == 0);
    return memory;
}

static size_t place(const char *found, const char *base)
{
    return found ? (size_t)(found - base) : SIZE_MAX;
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* A text of few letters, of 0 to 600 bytes, which ends with the page or somewhere before. */
static char *text(struct words *w, char *memory)
{
    size_t length = next(w) % 600, slack = next(w) & 1 ? 0 : next(w) % 64;
    char *at = memory + SIZE - slack - length - 1;
    for (size_t i = 0; i < length; i++)
        at[i] = (char)('a' + (next(w) & 3) + (next(w) % 50 == 0 ? 20 : 0));
    at[length] = 0;
    return at;
}

static uint64_t searches(char *one, char *two)
{
    struct words w = { 1001 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < ROUNDS; i++) {
        char *a = text(&w, one), *b = text(&w, two), c = (char)('a' + (next(&w) % 24));
        size_t n = next(&w) % 600, length = strlen(a);
        if (next(&w) & 1)
            strcpy(b = two + SIZE - length - 1, a);
        char needle[6] = { 'a', 'b', 'c', c, (char)('a' + (i & 3)), 0 };
        size_t results[] = { length, strnlen(a, n), place(strchr(a, c), a), place(strrchr(a, c), a),
            place(strstr(a, needle + 2), a), place(memchr(a, c, length), a), place(memrchr(a, c, length), a),
            strspn(a, "abc"), strcspn(a, needle + 3), place(strpbrk(a, needle + 3), a),
            place(memmem(a, length, needle, 3), a), place(strchrnul(a, c), a), place(rawmemchr(a, 0), a),
            place(strcasestr(a, "CAB"), a) };
        int orders[] = { sign(strcmp(a, b)), sign(strncmp(a, b, n)), sign(strcasecmp(a, b)),
            sign(memcmp(a, b, length < strlen(b) ? length : strlen(b))) };
        MIX(sum, results);
        MIX(sum, orders);
    }
    return sum;
}

static uint64_t copies(char *one, char *two)
{
    struct words w = { 2002 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < SIZE; i++)
        one[i] = two[i] = (char)next(&w);
    for (int i = 0; i < ROUNDS; i++) {
        size_t length = next(&w) % (i % 16 ? 300 : 4000), from = next(&w) % (SIZE - length), to = next(&w) % (SIZE - length);
        switch (next(&w) % 7) {
        case 0: memcpy(two + to, one + from, length); break;
        case 1: memmove(one + to, one + from, length); break;
        case 2: memset(one + SIZE - length, (int)next(&w), length); break;
        case 3: memcpy(two + SIZE - length, one + SIZE - length, length); break;
        case 4: MUST(mempcpy(one + to, two + from, length) == one + to + length); break;
        case 5: strncpy(one + to, text(&w, two), length); break;
        case 6: MUST(memccpy(two + to, one + from, 'q', length) <= (void *)(two + to + length)); break;
        }
        if (i % 16 == 0)
            sum = mix(mix(sum, one, SIZE), two, SIZE);
    }
    return sum;
}

/* Large enough that the library takes its other ways: rep movsb, stores past the caches. */
static uint64_t large(void)
{
    enum { LARGE = 1 << 20 };
    char *memory = malloc(2 * LARGE);
    MUST(memory);
    for (size_t i = 0; i < LARGE; i += 8)
        memcpy(memory + i, &(uint64_t){ i * 0x9e3779b97f4a7c15 }, 8);
    memcpy(memory + LARGE + 3, memory + 1, LARGE - 5);
    memmove(memory + 17, memory, LARGE);
    memset(memory + LARGE / 2, 0x5a, LARGE / 3);
    uint64_t sum = SUM_BEGIN;
    for (size_t i = 0; i < 2 * LARGE - 64; i += 64)
        sum = mix(sum, memory + i, 8);
    free(memory);
    return sum;
}

static uint64_t wide(char *memory)
{
    struct words w = { 3003 };
    uint64_t sum = SUM_BEGIN;
    wchar_t *end = (wchar_t *)(memory + SIZE);
    for (int i = 0; i < 400; i++) {
        size_t length = next(&w) % 200;
        wchar_t *text = end - length - 1;
        for (size_t j = 0; j < length; j++)
            text[j] = (wchar_t)(L'a' + (next(&w) & 7));
        text[length] = 0;
        wchar_t *found = wcschr(text, L'd');
        size_t results[] = { wcslen(text), found ? (size_t)(found - text) : SIZE_MAX, wcsspn(text, L"abce") };
        MIX(sum, results);
    }
    return sum;
}

void strings(void)
{
    char *one = guarded(), *two = guarded();
    say("strings searched", searches(one, two));
    say("strings copied", copies(one, two));
    say("strings of 1 MiB", large());
    say("strings of wchar_t", wide(one));
}
