// What the processor can do.

#ifndef CLEAVE_PROCESSOR_H
#define CLEAVE_PROCESSOR_H

#include <stdbool.h>

/// Whether it multiplies and adds eight floats at a time (AVX2 and FMA).
bool processor_has_avx2(void);

/// Whether it multiplies and adds sixteen floats at a time (AVX-512 F, BW, DQ and VL).
bool processor_has_avx512(void);

#endif
