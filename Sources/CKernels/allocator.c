#include "allocator.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void keep_freed_memory(void) {
#if defined(__GLIBC__)
  // From which size on a block is a mapping of its own, and what a heap keeps at its end.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}
