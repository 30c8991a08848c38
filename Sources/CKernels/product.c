#include "product.h"

typedef float wide __attribute__((vector_size(64), aligned(4), may_alias));
typedef float middle __attribute__((vector_size(32), aligned(4), may_alias));
typedef float narrow __attribute__((vector_size(16), aligned(4), may_alias));
typedef float single;

// So many terms of a sum are added before the next columns are gone to, so that what was read of b
// is still near when the next rows need it.
enum { DEPTH = 256 };

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512vl,fma")))
#define NAME(x) x##_avx512
#define ROWS 8
#define VECTORS 3
#include "product_tiles.h"
#undef TARGET
#undef NAME
#undef ROWS
#undef VECTORS
#define TARGET __attribute__((target("avx2,fma")))
#define NAME(x) x##_avx2
#define ROWS 6
#define VECTORS 1
#include "product_tiles.h"
#undef TARGET
#undef NAME
#undef ROWS
#undef VECTORS
#endif

#define TARGET
#define NAME(x) x##_plain
#define ROWS 4
#define VECTORS 1
#include "product_tiles.h"

void product_float(
    bool turned, bool adds, long rows, long columns, long depth, const float *a, long lead_a,
    const float *b, long lead_b, float *c, long lead_c) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    product_avx512(turned, adds, rows, columns, depth, a, lead_a, b, lead_b, c, lead_c);
    return;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    product_avx2(turned, adds, rows, columns, depth, a, lead_a, b, lead_b, c, lead_c);
    return;
  }
#endif
  product_plain(turned, adds, rows, columns, depth, a, lead_a, b, lead_b, c, lead_c);
}
