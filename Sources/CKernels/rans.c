#include "rans.h"

static inline __attribute__((always_inline)) uint16_t *put(
    const struct rans_symbol *symbol, int precision, uint32_t *state, uint16_t *end) {
  uint32_t x = *state;
  // Written always and kept if there was too much: half the words would mispredict a branch.
  int full = x >> (32 - precision) >= symbol->frequency;
  end[-1] = (uint16_t)x;
  end -= full;
  x = full ? x >> 16 : x;
  uint32_t quotient = (uint32_t)((unsigned __int128)x * symbol->reciprocal >> 64);
  *state = x + symbol->bias + quotient * ((1u << precision) - symbol->frequency);
  return end;
}

// The symbol of an index: of one table, or if there are rows, of one of many.
#define ENTRY(index) (table + (rows ? rows[index] : 0) + symbols[index])

static inline __attribute__((always_inline)) long encode(
    const uint16_t *symbols, const uint32_t *rows, long count, const struct rans_symbol *table,
    int precision, const long lanes, uint32_t *states, uint16_t *end) {
  uint16_t *next = end;
  long index = count;
  while (index % lanes != 0) {
    index--;
    next = put(ENTRY(index), precision, states + index % lanes, next);
  }
  uint32_t x[8];
  for (int lane = 0; lane < lanes; lane++) x[lane] = states[lane];
  for (; index > 0; index -= lanes) {
    for (int lane = (int)lanes - 1; lane >= 0; lane--)
      next = put(ENTRY(index - lanes + lane), precision, x + lane, next);
  }
  for (int lane = 0; lane < lanes; lane++) states[lane] = x[lane];
  return end - next;
}

#undef ENTRY

// Calls with a constant number of states where it is one that is used.
#define WITH_LANES(call)                                                                         \
  do {                                                                                           \
    if (lanes == 8) return call(8);                                                              \
    if (lanes == 4) return call(4);                                                              \
    return call(lanes);                                                                          \
  } while (0)

long rans_encode(
    const uint16_t *symbols, long count, const struct rans_symbol *table, int precision, long lanes,
    uint32_t *states, uint16_t *end) {
#define CALL(lanes) encode(symbols, 0, count, table, precision, lanes, states, end)
  WITH_LANES(CALL);
#undef CALL
}

long rans_encode_rows(
    const uint16_t *symbols, const uint32_t *rows, long count, const struct rans_symbol *table,
    int precision, long lanes, uint32_t *states, uint16_t *end) {
#define CALL(lanes) encode(symbols, rows, count, table, precision, lanes, states, end)
  WITH_LANES(CALL);
#undef CALL
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

static inline __attribute__((always_inline)) long decode(
    const uint64_t *slots, int precision, const long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols, long count) {
  const uint16_t *next = words;
  const uint16_t *const end = words + available;
  long index = 0;
  uint32_t x[8];
  for (int lane = 0; lane < lanes; lane++) x[lane] = states[lane];
  // Each symbol reads one word at most, and looks at the one after.
  for (; index + lanes <= count && end - next > lanes; index += lanes) {
    for (int lane = 0; lane < lanes; lane++)
      next = get(slots, precision, x + lane, next, symbols + index + lane);
  }
  for (int lane = 0; lane < lanes; lane++) states[lane] = x[lane];
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

long rans_decode(
    const uint64_t *slots, int precision, long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols, long count) {
#define CALL(lanes) decode(slots, precision, lanes, states, words, available, symbols, count)
  WITH_LANES(CALL);
#undef CALL
}

// The table of the symbol at an index, counted in tables.
static inline __attribute__((always_inline)) long context(
    const struct rans_contexts *c, const uint16_t *symbols, long row, long column, long channel,
    long index) {
  const uint16_t *above = symbols + index - c->width * c->channels;
  uint16_t west = column > 0 ? symbols[index - c->channels] : 0;
  uint16_t north = row > 0 ? *above : 0;
  long table = (channel * c->buckets + c->bucket[west]) * c->buckets + c->bucket[north];
  if (c->coarse_buckets == 1) return table;
  uint16_t north_west = row > 0 && column > 0 ? above[-c->channels] : 0;
  uint16_t north_east = row > 0 && column + 1 < c->width ? above[c->channels] : 0;
  return (table * c->coarse_buckets + c->coarse[north_west]) * c->coarse_buckets +
         c->coarse[north_east];
}

void rans_rows(const struct rans_contexts *c, const uint16_t *symbols, uint32_t *rows) {
  long index = 0;
  for (long row = 0; row < c->height; row++)
    for (long column = 0; column < c->width; column++)
      for (long channel = 0; channel < c->channels; channel++, index++)
        rows[index] = (uint32_t)context(c, symbols, row, column, channel, index) << c->bits;
}

long rans_decode_contexts(
    const struct rans_contexts *c, long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols) {
  const uint16_t *next = words;
  const uint16_t *const end = words + available;
  const uint32_t mask = (1u << c->precision) - 1;
  const long length = (1l << c->bits) + 1;
  long index = 0, lane = 0;
  for (long row = 0; row < c->height; row++) {
    for (long column = 0; column < c->width; column++) {
      for (long channel = 0; channel < c->channels; channel++, index++) {
        const uint16_t *sums =
            c->cumulative + context(c, symbols, row, column, channel, index) * length;
        uint32_t x = states[lane];
        uint32_t slot = x & mask;
        long symbol = 0;
        for (long step = 1l << c->bits >> 1; step > 0; step >>= 1)
          symbol += sums[symbol + step] <= slot ? step : 0;
        symbols[index] = (uint16_t)symbol;
        x = (uint32_t)(sums[symbol + 1] - sums[symbol]) * (x >> c->precision) + slot - sums[symbol];
        if (x < 1u << 16) {
          if (next == end) return -1;
          x = x << 16 | *next++;
        }
        states[lane] = x;
        lane = lane + 1 == lanes ? 0 : lane + 1;
      }
    }
  }
  return next - words;
}

long rans_decode_channels(
    const struct rans_channels *tables, long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols, long count) {
  const uint16_t *next = words;
  const uint16_t *const end = words + available;
  const uint32_t mask = (1u << tables->precision) - 1;
  long channel = 0;
  for (long index = 0; index < count; index++) {
    const uint32_t *cumulative = tables->cumulative + tables->starts[channel];
    uint32_t x = states[index % lanes];
    uint32_t slot = x & mask;
    // The last symbol whose sum is not above the slot, by halving.
    uint32_t symbol = 0;
    for (uint32_t length = tables->lengths[channel]; length > 1;) {
      uint32_t half = length / 2;
      symbol = cumulative[symbol + half] <= slot ? symbol + half : symbol;
      length -= half;
    }
    symbols[index] = (uint16_t)symbol;
    x = (cumulative[symbol + 1] - cumulative[symbol]) * (x >> tables->precision) + slot -
        cumulative[symbol];
    if (x < 1u << 16) {
      if (next == end) return -1;
      x = x << 16 | *next++;
    }
    states[index % lanes] = x;
    if (++channel == tables->channels) channel = 0;
  }
  return next - words;
}
