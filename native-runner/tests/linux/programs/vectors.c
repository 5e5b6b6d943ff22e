/* Vectors by intrinsics: what compilers seldom emit by themselves, up to SSE4.2, and AVX2 where it is. */
#include "suite.h"
#include <immintrin.h>

struct lanes {
    __m128i a, b, c;
};

static struct lanes random_lanes(struct words *w)
{
    struct lanes v;
    v.a = _mm_set_epi64x((long long)next(w), (long long)next(w));
    v.b = _mm_set_epi64x((long long)next(w), (long long)next(w));
    v.c = _mm_set_epi64x((long long)(next(w) & 0x3f), (long long)(next(w) & 0x3f));
    return v;
}

static uint64_t sse2(void)
{
    struct words w = { 2 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 2000; i++) {
        struct lanes v = random_lanes(&w);
        __m128i r[] = { _mm_adds_epi16(v.a, v.b), _mm_subs_epu8(v.a, v.b), _mm_madd_epi16(v.a, v.b),
            _mm_mul_epu32(v.a, v.b), _mm_sad_epu8(v.a, v.b), _mm_packs_epi32(v.a, v.b), _mm_packus_epi16(v.a, v.b),
            _mm_unpackhi_epi8(v.a, v.b), _mm_unpacklo_epi32(v.a, v.b), _mm_shuffle_epi32(v.a, 0x1b),
            _mm_shufflehi_epi16(v.a, 0x2d), _mm_sll_epi64(v.a, v.c), _mm_sra_epi32(v.a, v.c), _mm_avg_epu8(v.a, v.b),
            _mm_cmpgt_epi8(v.a, v.b), _mm_mulhi_epu16(v.a, v.b), _mm_max_epi16(v.a, v.b), _mm_andnot_si128(v.a, v.b) };
        int mask = _mm_movemask_epi8(v.a);
        MIX(sum, r);
        MIX(sum, mask);
    }
    return sum;
}

static uint64_t floats(void)
{
    struct words w = { 3 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 2000; i++) {
        struct lanes v = random_lanes(&w);
        __m128 x = _mm_castsi128_ps(v.a), y = _mm_castsi128_ps(v.b);
        __m128d d = _mm_castsi128_pd(v.a), e = _mm_castsi128_pd(v.b);
        __m128 r[] = { _mm_add_ps(x, y), _mm_mul_ps(x, y), _mm_div_ps(x, y), _mm_sqrt_ps(x), _mm_min_ps(x, y),
            _mm_max_ss(x, y), _mm_cmpunord_ps(x, y), _mm_shuffle_ps(x, y, 0x4e), _mm_cvtepi32_ps(v.a),
            _mm_castsi128_ps(_mm_cvtps_epi32(x)), _mm_castsi128_ps(_mm_cvttps_epi32(y)), _mm_cvtpd_ps(d) };
        __m128d s[] = { _mm_sub_pd(d, e), _mm_div_pd(d, e), _mm_sqrt_pd(e), _mm_cvtps_pd(x), _mm_cmplt_pd(d, e),
            _mm_castsi128_pd(_mm_cvttpd_epi32(d)), _mm_unpackhi_pd(d, e), _mm_cvtepi32_pd(v.b) };
        unsigned status = _mm_getcsr();
        _mm_setcsr(0x1f80);
        MIX(sum, r);
        MIX(sum, s);
        MIX(sum, status);
    }
    return sum;
}

__attribute__((target("sse4.2,popcnt"))) static uint64_t sse4(void)
{
    struct words w = { 4 };
    uint64_t sum = SUM_BEGIN;
    for (int i = 0; i < 2000; i++) {
        struct lanes v = random_lanes(&w);
        __m128i small = _mm_and_si128(v.a, _mm_set1_epi8(3));
        __m128i few = _mm_and_si128(v.b, _mm_set1_epi8(3));
        __m128i r[] = { _mm_shuffle_epi8(v.a, v.b), _mm_maddubs_epi16(v.a, v.b), _mm_mulhrs_epi16(v.a, v.b),
            _mm_sign_epi8(v.a, v.b), _mm_alignr_epi8(v.a, v.b, 5), _mm_hadd_epi16(v.a, v.b), _mm_abs_epi32(v.a),
            _mm_blendv_epi8(v.a, v.b, small), _mm_mullo_epi32(v.a, v.b), _mm_minpos_epu16(v.a),
            _mm_mpsadbw_epu8(v.a, v.b, 5), _mm_packus_epi32(v.a, v.b), _mm_cvtepi8_epi32(v.a),
            _mm_cmpgt_epi64(v.a, v.b), _mm_cmpistrm(small, few, 0x40), _mm_cmpestrm(small, 9, few, 7, 0x0c) };
        int index[] = { _mm_cmpistri(small, few, 0x0c), _mm_cmpestri(small, 7, few, 12, 0x18),
            _mm_cmpistrc(small, few, 0x04), _mm_testz_si128(v.a, v.b), _mm_testc_si128(v.a, v.b),
            _mm_popcnt_u32((unsigned)_mm_cvtsi128_si32(v.a)), _mm_extract_epi8(v.a, 9) };
        uint64_t crc = _mm_crc32_u64((unsigned)i, (uint64_t)_mm_extract_epi64(v.b, 1));
        __m128d rounded = _mm_round_pd(_mm_cvtepi32_pd(v.a) / _mm_set1_pd(3), _MM_FROUND_CEIL);
        __m128d product = _mm_dp_pd(rounded, _mm_cvtepi32_pd(v.b), 0x31);
        MIX(sum, r);
        MIX(sum, index);
        MIX(sum, crc);
        MIX(sum, rounded);
        MIX(sum, product);
    }
    return sum;
}

__attribute__((target("avx2,fma,bmi,bmi2,lzcnt,f16c"))) static uint64_t avx2(void)
{
    struct words w = { 5 };
    uint64_t sum = SUM_BEGIN;
    static int table[256];
    for (int i = 0; i < 256; i++)
        table[i] = (int)next(&w);
    for (int i = 0; i < 2000; i++) {
        struct lanes v = random_lanes(&w), u = random_lanes(&w);
        __m256i a = _mm256_set_m128i(v.a, u.b), b = _mm256_set_m128i(u.a, v.b);
        __m256i at = _mm256_and_si256(a, _mm256_set1_epi32(0xff));
        __m256d d = _mm256_castsi256_pd(a), e = _mm256_castsi256_pd(b);
        __m256i r[] = { _mm256_add_epi64(a, b), _mm256_mullo_epi32(a, b), _mm256_shuffle_epi8(a, b),
            _mm256_permutevar8x32_epi32(a, b), _mm256_permute4x64_epi64(a, 0x1b), _mm256_sllv_epi32(a, at),
            _mm256_srav_epi32(b, _mm256_srli_epi32(at, 3)), _mm256_i32gather_epi32(table, at, 4),
            _mm256_blendv_epi8(a, b, at), _mm256_alignr_epi8(a, b, 3), _mm256_broadcastb_epi8(v.a),
            _mm256_cmpeq_epi16(a, b), _mm256_sad_epu8(a, b), _mm256_packs_epi16(a, b),
            _mm256_cvtepu8_epi16(v.b), _mm256_permute2x128_si256(a, b, 0x21) };
        __m256d s[] = { _mm256_fmadd_pd(d, e, d), _mm256_fnmsub_pd(e, d, e), _mm256_hadd_pd(d, e),
            _mm256_addsub_pd(d, e), _mm256_castps_pd(_mm256_cvtph_ps(v.a)), _mm256_cmp_pd(d, e, _CMP_NGE_UQ) };
        uint64_t x = next(&w), y = next(&w);
        uint64_t bits[] = { _pdep_u64(x, y), _pext_u64(x, y), _bzhi_u64(x, y & 63), _blsr_u64(x), _lzcnt_u64(x >> 9),
            _tzcnt_u64(y << 5), _andn_u64(x, y), (uint64_t)_mm256_movemask_epi8(a) };
        MIX(sum, r);
        MIX(sum, s);
        MIX(sum, bits);
    }
    return sum;
}

void vectors(int wide)
{
    say("vectors SSE2", sse2());
    say("vectors of floats", floats());
    say("vectors SSE4.2", sse4());
    if (wide)
        say("vectors AVX2", avx2());
}
