#include "sparse.h"

#if defined(__x86_64__)
#define SCALAR float
#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512vl,fma")))
#define NAME(x) x##_float_avx512
#include "sparse_rows.h"
#undef TARGET
#undef NAME
#undef LANES
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) x##_float_avx2
#include "sparse_rows.h"
#undef TARGET
#undef NAME
#undef LANES
#undef SCALAR
#endif

#define TARGET
#define LANES 4
#define SCALAR float
#define NAME(x) x##_float_plain
#include "sparse_rows.h"
#undef NAME
#undef SCALAR
// Double is for checking gradients and not worth more text.
#define SCALAR double
#define NAME(x) x##_double_plain
#include "sparse_rows.h"

// Calls a function for the type, with the widest vectors of this machine.
#if defined(__x86_64__)
#define DISPATCH(name, ...)                                                                      \
  do {                                                                                           \
    if (is_double)                                                                               \
      name##_double_plain(__VA_ARGS__);                                                          \
    else if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))            \
      name##_float_avx512(__VA_ARGS__);                                                          \
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))                    \
      name##_float_avx2(__VA_ARGS__);                                                            \
    else                                                                                         \
      name##_float_plain(__VA_ARGS__);                                                           \
  } while (0)
#else
#define DISPATCH(name, ...)                                                                      \
  do {                                                                                           \
    if (is_double)                                                                               \
      name##_double_plain(__VA_ARGS__);                                                          \
    else                                                                                         \
      name##_float_plain(__VA_ARGS__);                                                           \
  } while (0)
#endif

void sparse_tile(
    bool is_double, long tile, long count, long features, const void *samples, void *tiled) {
  DISPATCH(turn_in, tile, count, features, samples, tiled);
}

void sparse_untile(
    bool is_double, long tile, long count, long features, const void *tiled, const void *bias,
    void *samples) {
  DISPATCH(turn_out, tile, count, features, tiled, bias, samples);
}

void sparse_product(
    bool is_double, SparseRows rows, long tile, long first, long last, const void *values,
    const void *input, void *output) {
  DISPATCH(product, rows, tile, first, last, values, input, output);
}

void sparse_values_gradient(
    bool is_double, SparseRows rows, long tile, long first, long last, const void *upstream,
    const void *input, void *gradient) {
  DISPATCH(values_gradient, rows, tile, first, last, upstream, input, gradient);
}

void sparse_vector(
    bool is_double, SparseRows rows, long first, long last, const void *values,
    const void *input, const void *bias, void *output) {
  DISPATCH(vector, rows, first, last, values, input, bias, output);
}
