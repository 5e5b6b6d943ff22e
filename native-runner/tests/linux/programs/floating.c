/* Floating point: the C library's functions in every rounding mode, with the exceptions that they leave; long
 * double, which is the x87; text and back. */
#include "suite.h"
#include <fenv.h>
#include <float.h>
#include <math.h>

static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };

/* A double of any kind: most are ordinary, some tiny, huge, infinite or no number. */
static double any(struct words *w)
{
    uint64_t bits = next(w);
    double value;
    if ((bits >> 32 & 7) != 0)
        return (double)(int64_t)bits / (double)(1ull << (next(w) & 63));
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint64_t arithmetic(int mode)
{
    struct words w = { 99 };
    uint64_t sum = SUM_BEGIN;
    fesetround(mode);
    for (int i = 0; i < 2000; i++) {
        volatile double a = any(&w), b = any(&w), c = any(&w);
        volatile float f = (float)a, g = (float)b;
        feclearexcept(FE_ALL_EXCEPT);
        double results[] = { a + b, a - b, a * b, a / b, sqrt(fabs(a)), fma(a, b, c), (double)(f * g),
            (double)(f / g), (double)sqrtf(fabsf(f)), rint(a), floor(b), ceil(c), trunc(a), nearbyint(b),
            fmod(a, b), remainder(b, c), a < b ? 1.0 : 0.0 };
        int flags = fetestexcept(FE_ALL_EXCEPT);
        long rounded = fabs(a) < 1e18 ? lrint(a) : 0;
        MIX(sum, results);
        MIX(sum, flags);
        MIX(sum, rounded);
    }
    fesetround(FE_TONEAREST);
    return sum;
}

static uint64_t functions(int mode)
{
    struct words w = { 31 };
    uint64_t sum = SUM_BEGIN;
    fesetround(mode);
    for (int i = 0; i < 600; i++) {
        volatile double a = any(&w), b = (double)(int64_t)next(&w) / 1e17;
        double results[] = { sin(b), cos(b), tan(b), exp(b), log(fabs(b)), pow(fabs(b), 1.5), atan2(a, b), cbrt(b),
            hypot(a, b), sinh(b / 8), erf(b), tgamma(fabs(b) / 4 + 0.5), log1p(fabs(a)), exp2(b), asin(b / 1e3),
            (double)sinf((float)b), (double)expf((float)b), (double)powf(fabsf((float)b), 0.3f), ldexp(b, 5) };
        MIX(sum, results);
    }
    fesetround(FE_TONEAREST);
    return sum;
}

/* Ten bytes of each: the other six are nobody's. */
static uint64_t mix_long(uint64_t sum, long double value)
{
    return mix(sum, &value, 10);
}

static uint64_t extended(int mode)
{
    struct words w = { 80 };
    uint64_t sum = SUM_BEGIN;
    fesetround(mode);
    for (int i = 0; i < 1500; i++) {
        volatile long double a = (long double)any(&w) * (long double)any(&w), b = (long double)(int64_t)next(&w);
        feclearexcept(FE_ALL_EXCEPT);
        sum = mix_long(sum, a + b);
        sum = mix_long(sum, a - b);
        sum = mix_long(sum, a * b);
        sum = mix_long(sum, b / a);
        sum = mix_long(sum, sqrtl(fabsl(a)));
        sum = mix_long(sum, remainderl(a, b));
        sum = mix_long(sum, rintl(b / 3));
        double narrowed = (double)a;
        int64_t whole = (int64_t)(b / 7);
        int flags = fetestexcept(FE_ALL_EXCEPT), less = a < b;
        MIX(sum, narrowed);
        MIX(sum, whole);
        MIX(sum, flags);
        MIX(sum, less);
    }
    fesetround(FE_TONEAREST);
    return sum;
}

static uint64_t text(void)
{
    struct words w = { 7 };
    uint64_t sum = SUM_BEGIN;
    char line[200];
    for (int i = 0; i < 800; i++) {
        double value = any(&w);
        int length = snprintf(line, sizeof(line), "%.17g %a %.6e %La", value, value, value, (long double)value / 3);
        sum = mix(sum, line, (size_t)length);
        double back = strtod(line, NULL);
        MUST(back == value || value != value);
    }
    return sum;
}

/* Five bodies in a box of springs: an error in the last place grows until it is seen. */
static void bodies(void)
{
    double x[5], v[5] = { 0 };
    for (int i = 0; i < 5; i++)
        x[i] = i * i * 0.37;
    for (int step = 0; step < 5000; step++)
        for (int i = 0; i < 5; i++) {
            double force = -x[i];
            for (int j = 0; j < 5; j++)
                if (j != i)
                    force += (x[i] - x[j]) / (0.01 + fabs(x[i] - x[j]) * (x[i] - x[j]) * (x[i] - x[j]));
            v[i] += force * 1e-3;
            x[i] += v[i] * 1e-3;
        }
    printf("floating bodies          %a %a %.17g\n", x[0], v[4], x[2]);
}

void floating(void)
{
    char name[40];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "floating arithmetic %d", i);
        say(name, arithmetic(modes[i]));
        snprintf(name, sizeof(name), "floating functions %d", i);
        say(name, functions(modes[i]));
        snprintf(name, sizeof(name), "floating x87 %d", i);
        say(name, extended(modes[i]));
    }
    say("floating printf, strtod", text());
    bodies();
}
