#include "winograd.h"

#if defined(__x86_64__)
#define SCALAR float
#define TARGET __attribute__((target("avx512f,fma")))
#define NAME(x) x##_float_avx512
#include "transforms.h"
#undef TARGET
#undef NAME
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) x##_float_avx2
#include "transforms.h"
#undef TARGET
#undef NAME
#undef SCALAR
#endif

#define TARGET
#define SCALAR float
#define NAME(x) x##_float
#include "transforms.h"
#undef SCALAR
#undef NAME
#define SCALAR double
#define NAME(x) x##_double
#include "transforms.h"

// Calls a transform for the type, with the widest vectors of this machine. Double is for checking
// gradients and not worth more text.
#if defined(__x86_64__)
#define DISPATCH(name, ...)                                                                      \
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
#define DISPATCH(name, ...)                                                                      \
  do {                                                                                           \
    if (is_double)                                                                               \
      name##_double(__VA_ARGS__);                                                                \
    else                                                                                         \
      name##_float(__VA_ARGS__);                                                                 \
  } while (0)
#endif

void winograd_kernels(
    bool is_double, const void *weight, long inputs, long outputs, long first, long last,
    void *values) {
  DISPATCH(kernels, weight, inputs, outputs, first, last, values);
}

void winograd_kernel_gradient(
    bool is_double, const void *values, long inputs, long outputs, long first, long last,
    void *gradient) {
  DISPATCH(kernel_gradient, values, inputs, outputs, first, last, gradient);
}

void winograd_input(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values) {
  DISPATCH(input, tiles, images, zeros, values);
}

void winograd_output_gradient(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values) {
  DISPATCH(output_gradient, tiles, images, zeros, values);
}

void winograd_output(
    bool is_double, struct winograd_tiles tiles, const void *values, const void *bias,
    void *images) {
  DISPATCH(output, tiles, values, bias, images);
}
