#include "winograd.h"

#if defined(__x86_64__)
#define SCALAR float
#define TARGET __attribute__((target("avx512f,fma")))
#define OUT 4
#define NAME(x) x##_4_float_avx512
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#define OUT 2
#define NAME(x) x##_2_float_avx512
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#undef TARGET
#define TARGET __attribute__((target("avx2,fma")))
#define OUT 4
#define NAME(x) x##_4_float_avx2
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#define OUT 2
#define NAME(x) x##_2_float_avx2
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#undef TARGET
#undef SCALAR
#endif

#define TARGET
#define SCALAR float
#define OUT 4
#define NAME(x) x##_4_float
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#define OUT 2
#define NAME(x) x##_2_float
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#undef SCALAR
#define SCALAR double
#define OUT 4
#define NAME(x) x##_4_double
#include "winograd_transforms.h"
#undef OUT
#undef NAME
#define OUT 2
#define NAME(x) x##_2_double
#include "winograd_transforms.h"

// Calls a transform for the type, with the widest vectors of this machine. Double is for checking
// gradients and not worth more text.
#if defined(__x86_64__)
#define DISPATCH_SIZE(name, ...)                                                                 \
  do {                                                                                           \
    if (is_double)                                                                               \
      name##_double(__VA_ARGS__);                                                                \
    else if (__builtin_cpu_supports("avx512f"))                                                  \
      name##_float_avx512(__VA_ARGS__);                                                          \
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))                    \
      name##_float_avx2(__VA_ARGS__);                                                            \
    else                                                                                         \
      name##_float(__VA_ARGS__);                                                                 \
  } while (0)
#else
#define DISPATCH_SIZE(name, ...)                                                                 \
  do {                                                                                           \
    if (is_double)                                                                               \
      name##_double(__VA_ARGS__);                                                                \
    else                                                                                         \
      name##_float(__VA_ARGS__);                                                                 \
  } while (0)
#endif

#define DISPATCH(side, name, ...)                                                                \
  do {                                                                                           \
    if ((side) == 2)                                                                             \
      DISPATCH_SIZE(name##_2, __VA_ARGS__);                                                      \
    else                                                                                         \
      DISPATCH_SIZE(name##_4, __VA_ARGS__);                                                      \
  } while (0)

void winograd_kernels(
    bool is_double, long side, const void *weight, long inputs, long outputs, long first, long last,
    void *values) {
  DISPATCH(side, kernels, weight, inputs, outputs, first, last, values);
}

void winograd_kernel_gradient(
    bool is_double, long side, const void *values, long inputs, long outputs, long first, long last,
    void *gradient) {
  DISPATCH(side, kernel_gradient, values, inputs, outputs, first, last, gradient);
}

void winograd_input(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values) {
  DISPATCH(tiles.side, input, tiles, images, zeros, values);
}

void winograd_output_gradient(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values) {
  DISPATCH(tiles.side, output_gradient, tiles, images, zeros, values);
}

void winograd_output(
    bool is_double, struct winograd_tiles tiles, const void *values, const void *bias, double low,
    double high, void *images) {
  DISPATCH(tiles.side, output, tiles, values, bias, low, high, images);
}
