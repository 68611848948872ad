// Which sets of instructions the processor and its operating system have.
#pragma once
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

// 2: AVX-512 (F, DQ, BW, VL), 1: AVX2 and FMA, 0: what every processor of its kind has.
inline int best_instructions() {
#if defined(__x86_64__)
    const auto has = [](unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; };
    unsigned a, b, c, d;
    constexpr unsigned fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, fma | osxsave | avx)) return 0;
    unsigned saved, high;  // the registers that the operating system saves
    asm("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    constexpr unsigned ymm = 0x6, zmm = 0xe6, avx2 = 1u << 5;
    constexpr unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !has(b, avx2) || !has(saved, ymm)) return 0;
    return has(b, avx512) && has(saved, zmm) ? 2 : 1;
#else
    return 0;
#endif
}

}  // namespace
