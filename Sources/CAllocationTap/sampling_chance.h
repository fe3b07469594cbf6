// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Logarithm and exponential for the sample; libm may not be called inside malloc, as it could be resolved lazily.
#ifndef SAMPLING_CHANCE_H
#define SAMPLING_CHANCE_H

#include <stddef.h>
#include <stdint.h>

#include "tap_build.h"

/// The negative logarithm of `mantissa` / 2^53, which is in (0, 1).
tap_hidden double tap_minus_ln(uint64_t mantissa);

/// What a sampled block of `size` bytes stands for, in 1/4096.
tap_hidden uint64_t tap_weight_of(size_t size, uint64_t of_rate);

#endif
