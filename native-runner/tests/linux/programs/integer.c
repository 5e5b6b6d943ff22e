/* Integers: what a compiler makes of C's operators, and algorithms that chain thousands of them. */
#include "suite.h"
#include <inttypes.h>

static uint64_t operators(void)
{
    struct words w = { 0x9e3779b97f4a7c15 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 8000; i++) {
        uint64_t a = next(&w) >> (next(&w) & 63), b = next(&w) >> (next(&w) & 63);
        int64_t s = (int64_t)next(&w) >> (next(&w) & 63), t = (int64_t)(b | 1);
        unsigned n = next(&w) & 63;
        uint64_t results[] = {
            a + b, a - b, a * b, a / (b | 1), a % (b | 1), (uint64_t)(t == -1 ? s : s / t),
            (uint64_t)(t == -1 ? s : s % t), a << n, a >> n, (uint64_t)(s >> n), a << n | a >> (-n & 63),
            (uint32_t)a / ((uint32_t)b | 1), (uint64_t)((int32_t)a >> (n & 31)), (uint16_t)a * (uint16_t)b,
            (uint64_t)(int8_t)a * (uint64_t)(int16_t)b, a & ~b, a ^ b, -a, (uint64_t)(s < (int64_t)b), a < b,
            (uint64_t)__builtin_popcountll(a), (uint64_t)__builtin_ctzll(a | 1ull << 63),
            (uint64_t)__builtin_clzll(a | 1), __builtin_bswap64(a), __builtin_bswap32((uint32_t)a),
        };
        MIX(sum, results);
    }
    return sum;
}

static uint64_t wide_products(void)
{
    struct words w = { 77 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 5000; i++) {
        unsigned __int128 a = (unsigned __int128)next(&w) << 64 | next(&w);
        unsigned __int128 b = ((unsigned __int128)next(&w) << 64 | next(&w)) >> (next(&w) & 127);
        unsigned __int128 results[] = { a * b, a / (b | 1), a % (b | 1), a + b, a - b };
        int64_t product, total;
        int over = __builtin_mul_overflow((int64_t)a, (int64_t)b, &product)
            | __builtin_add_overflow((int64_t)a, (int64_t)b, &total) << 1;
        MIX(sum, results);
        MIX(sum, over);
        MIX(sum, product);
        MIX(sum, total);
    }
    return sum;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t sorted(void)
{
    static uint64_t values[8000];
    struct words w = { 12345 };
    for (size_t i = 0; i < 8000; i++)
        values[i] = next(&w) & 0xffff;
    qsort(values, 8000, sizeof(values[0]), by_value);
    return mix(SUM_BEGIN, values, sizeof(values));
}

/* The decimal digits of 500!, which is carries all along. */
static uint64_t factorial(void)
{
    static uint32_t digits[160];
    digits[0] = 1;
    for (uint32_t n = 2; n <= 500; n++) {
        uint64_t carry = 0;
        for (int i = 0; i < 160; i++) {
            carry += (uint64_t)digits[i] * n;
            digits[i] = (uint32_t)(carry % 1000000000);
            carry /= 1000000000;
        }
    }
    return mix(SUM_BEGIN, digits, sizeof(digits));
}

static uint64_t text(void)
{
    struct words w = { 4242 };
    uint64_t sum = SUM_BEGIN;
    char line[200];
    for (int i = 0; i < 1500; i++) {
        int64_t a = (int64_t)next(&w) >> (next(&w) & 63);
        int length = snprintf(line, sizeof(line), "%" PRId64 " %" PRIx64 " %#" PRIo64 " %+010d|%-12d|%5.3d", a, a, a,
            (int)a, (int)(a >> 7), (int)(a & 0xff));
        sum = mix(sum, line, (size_t)length);
        char *end;
        int64_t back = strtoll(line, &end, 10), hex = (int64_t)strtoull(end, &end, 16);
        MUST(back == a && hex == a);
    }
    return sum;
}

void integer(void)
{
    say("integer operators", operators());
    say("integer 128 bits", wide_products());
    say("integer qsort", sorted());
    say("integer factorial", factorial());
    say("integer printf, strtoll", text());
}
