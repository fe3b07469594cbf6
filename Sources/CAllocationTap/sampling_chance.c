// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#include "sampling_chance.h"

#if TAP_BUILT

// -ln of `mantissa` / 2^53, by ln m = 2 artanh((m - 1) / (m + 1)) with m in [0.7, 1.42): the error is below 1e-11.
double tap_minus_ln(uint64_t mantissa)
{
    int shift = __builtin_clzll(mantissa);
    double m = (double)(mantissa << shift >> 11) * 0x1p-53;  // in [0.5, 1)
    int halvings = shift - 11;
    if (m < 0.70710678118654752) {
        m *= 2;
        halvings++;
    }
    double s = (m - 1) / (m + 1), s2 = s * s;
    double sum = s * (1 + s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * (1.0 / 7 + s2 * (1.0 / 9 + s2 * (1.0 / 11 + s2 / 13))))));
    return halvings * 0.69314718055994531 - 2 * sum;
}

// e^-x for x of 0 or more: e^-(x / 2^k), squared k times.
static double exp_of_minus(double x)
{
    if (x > 45)
        return 0;
    int squarings = 0;
    while (x > 0.25) {
        x /= 2;
        squarings++;
    }
    double e = 1 - x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7 * (1 - x / 8)))))));
    while (squarings-- > 0)
        e *= e;
    return e;
}

// What a sampled block of `size` bytes stands for, in 1/4096: the inverse of its chance, 1 - e^(-size/rate). For small blocks
// the difference would lose digits: there 1/(1 - e^-x) = 1/x + 1/2 + x/12 - x^3/720.
uint64_t tap_weight_of(size_t size, uint64_t of_rate)
{
    double x = (double)size / (double)of_rate;
    double weight = x < 0.1 ? 1 / x + 0.5 + x / 12 - x * x * x / 720 : 1 / (1 - exp_of_minus(x));
    return of_rate == 1 ? 4096 : (uint64_t)(weight * 4096 + 0.5);
}

#endif
