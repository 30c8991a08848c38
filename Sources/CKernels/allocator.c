#include "allocator.h"

// Any header of the C library tells which one it is.
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

int keep_freed_memory(void) {
#if defined(__GLIBC__)
  // From which size on a block is a mapping of its own; what a heap keeps at its end; and what it takes
  // beyond what it needs, which is also the least that the heap of a thread gives back.
  return mallopt(M_MMAP_THRESHOLD, 32 << 20) == 1 && mallopt(M_TRIM_THRESHOLD, 256 << 20) == 1 &&
         mallopt(M_TOP_PAD, 32 << 20) == 1;
#else
  return 0;
#endif
}
