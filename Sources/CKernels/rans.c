#include "rans.h"

static inline __attribute__((always_inline)) uint16_t *put(
    const struct rans_symbol *symbol, int shift, uint32_t *state, uint16_t *end) {
  uint32_t x = *state;
  // Written always and kept if there was too much: half the words would mispredict a branch.
  int full = x >> shift >= symbol->frequency;
  end[-1] = (uint16_t)x;
  end -= full;
  x = full ? x >> 16 : x;
  uint32_t quotient = (uint32_t)((unsigned __int128)x * symbol->reciprocal >> 64);
  *state = x + symbol->bias + quotient * symbol->complement;
  return end;
}

long rans_encode(
    const uint16_t *symbols, long count, const struct rans_symbol *table, int precision, long lanes,
    uint32_t *states, uint16_t *end) {
  const int shift = 32 - precision;
  uint16_t *next = end;
  long index = count;
  while (index % lanes != 0) {
    index--;
    next = put(table + symbols[index], shift, states + index % lanes, next);
  }
  if (lanes == 8) {
    uint32_t x[8];
    for (int lane = 0; lane < 8; lane++) x[lane] = states[lane];
    for (; index > 0; index -= 8) {
#pragma clang loop unroll(full)
      for (int lane = 7; lane >= 0; lane--)
        next = put(table + symbols[index - 8 + lane], shift, x + lane, next);
    }
    for (int lane = 0; lane < 8; lane++) states[lane] = x[lane];
  }
  while (index > 0) {
    index--;
    next = put(table + symbols[index], shift, states + index % lanes, next);
  }
  return end - next;
}

static inline __attribute__((always_inline)) const uint16_t *get(
    const uint64_t *slots, int precision, uint32_t *state, const uint16_t *next, uint16_t *symbol) {
  uint32_t x = *state;
  uint64_t slot = slots[x & ((1u << precision) - 1)];
  *symbol = (uint16_t)slot;
  x = (uint32_t)(slot >> 16 & 0xFFFF) * (x >> precision) + (uint32_t)(slot >> 32);
  int low = x < 1u << 16;
  uint32_t filled = x << 16 | *next;
  *state = low ? filled : x;
  return next + low;
}

long rans_decode(
    const uint64_t *slots, int precision, long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols, long count) {
  const uint16_t *next = words;
  const uint16_t *const end = words + available;
  long index = 0;
  if (lanes == 8) {
    uint32_t x[8];
    for (int lane = 0; lane < 8; lane++) x[lane] = states[lane];
    // Each symbol reads one word at most, and looks at the one after.
    for (; index + 8 <= count && end - next > 8; index += 8) {
#pragma clang loop unroll(full)
      for (int lane = 0; lane < 8; lane++)
        next = get(slots, precision, x + lane, next, symbols + index + lane);
    }
    for (int lane = 0; lane < 8; lane++) states[lane] = x[lane];
  }
  for (; index < count; index++) {
    uint32_t *state = states + index % lanes;
    uint32_t x = *state;
    uint64_t slot = slots[x & ((1u << precision) - 1)];
    symbols[index] = (uint16_t)slot;
    x = (uint32_t)(slot >> 16 & 0xFFFF) * (x >> precision) + (uint32_t)(slot >> 32);
    if (x < 1u << 16) {
      if (next == end) return -1;
      x = x << 16 | *next++;
    }
    *state = x;
  }
  return next - words;
}
