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

static inline __attribute__((always_inline)) struct rans_symbol whole(
    struct rans_entry entry, const uint64_t *reciprocals, int precision) {
  uint32_t once = entry.frequency == 1 ? (1u << precision) - 1 : 0;
  return (struct rans_symbol){
      reciprocals[entry.frequency], entry.start + once, entry.frequency};
}

// Goes through the symbols from the last on; SYMBOL gives what encoding that of an index takes.
#define ENCODE(SYMBOL)                                                       \
  uint16_t *next = end;                                                      \
  long index = count;                                                        \
  while (index % lanes != 0) {                                               \
    index--;                                                                 \
    struct rans_symbol symbol = SYMBOL(index);                               \
    next = put(&symbol, precision, states + index % lanes, next);            \
  }                                                                          \
  uint32_t x[8];                                                             \
  for (int lane = 0; lane < lanes; lane++) x[lane] = states[lane];           \
  for (; index > 0; index -= lanes) {                                        \
    for (int lane = (int)lanes - 1; lane >= 0; lane--) {                     \
      struct rans_symbol symbol = SYMBOL(index - lanes + lane);              \
      next = put(&symbol, precision, x + lane, next);                        \
    }                                                                        \
  }                                                                          \
  for (int lane = 0; lane < lanes; lane++) states[lane] = x[lane];           \
  return end - next

static inline __attribute__((always_inline)) long encode(
    const uint16_t *symbols, long count, const struct rans_symbol *table, int precision,
    const long lanes, uint32_t *states, uint16_t *end) {
#define SYMBOL(index) table[symbols[index]]
  ENCODE(SYMBOL);
#undef SYMBOL
}

static inline __attribute__((always_inline)) long encode_rows(
    const uint16_t *symbols, const uint32_t *rows, long count, const struct rans_entry *table,
    const uint64_t *reciprocals, int precision, const long lanes, uint32_t *states,
    uint16_t *end) {
#define SYMBOL(index) whole(table[rows[index] + symbols[index]], reciprocals, precision)
  ENCODE(SYMBOL);
#undef SYMBOL
}

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
#define CALL(lanes) encode(symbols, count, table, precision, lanes, states, end)
  WITH_LANES(CALL);
#undef CALL
}

long rans_encode_rows(
    const uint16_t *symbols, const uint32_t *rows, long count, const struct rans_entry *table,
    const uint64_t *reciprocals, int precision, long lanes, uint32_t *states, uint16_t *end) {
#define CALL(lanes) \
  encode_rows(symbols, rows, count, table, reciprocals, precision, lanes, states, end)
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

// The buckets of a row of symbols.
static void bucket_row(
    const uint8_t *restrict bucket, const uint16_t *restrict symbols, long count,
    uint8_t *restrict result) {
  for (long i = 0; i < count; i++) result[i] = bucket[symbols[i]];
}

// The tables of one row of an image from the buckets around each symbol.
static void table_row(
    const uint8_t *restrict west, const uint8_t *restrict north,
    const uint8_t *restrict north_west, const uint8_t *restrict north_east,
    const uint32_t *restrict bases, uint32_t *restrict rows, long count, uint16_t wests,
    uint16_t norths, uint16_t coarse, int bits) {
  for (long i = 0; i < count; i++) {
    uint16_t table = (uint16_t)(
        west[i] * wests + north[i] * norths + north_west[i] * coarse + north_east[i]);
    rows[i] = (bases[i] + table) << bits;
  }
}

void rans_rows(
    const struct rans_contexts *c, const uint16_t *symbols, uint32_t *rows, uint8_t *scratch,
    uint32_t *bases) {
  const long count = c->width * c->channels;
  const long padded = count + 2 * c->channels;
  // Of the row above and of this one, fine and coarse.
  uint8_t *above = scratch, *above_coarse = scratch + padded;
  uint8_t *here = scratch + 2 * padded, *here_coarse = scratch + 3 * padded;
  for (long i = 0; i < padded; i++) {
    above[i] = here[i] = c->bucket[0];
    above_coarse[i] = here_coarse[i] = c->coarse_buckets > 1 ? c->coarse[0] : 0;
  }
  const long corners = c->coarse_buckets * c->coarse_buckets;
  const long tables = c->buckets * c->buckets * corners;
  for (long i = 0; i < count; i++) bases[i] = (uint32_t)(i % c->channels * tables);
  for (long row = 0; row < c->height; row++) {
    bucket_row(c->bucket, symbols + row * count, count, here + c->channels);
    if (c->coarse_buckets > 1)
      bucket_row(c->coarse, symbols + row * count, count, here_coarse + c->channels);
    // A place in a padded row is a pixel further than in the image.
    table_row(
        here, above + c->channels, above_coarse, above_coarse + 2 * c->channels, bases,
        rows + row * count, count, (uint16_t)(c->buckets * corners), (uint16_t)corners,
        (uint16_t)c->coarse_buckets, c->bits);
    uint8_t *swapped = above;
    above = here;
    here = swapped;
    swapped = above_coarse;
    above_coarse = here_coarse;
    here_coarse = swapped;
  }
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

long rans_decode_tables(
    const struct rans_tables *tables, const uint16_t *which, long lanes, uint32_t *states,
    const uint16_t *words, long available, uint16_t *symbols, long first, long count) {
  const uint16_t *next = words;
  const uint16_t *const end = words + available;
  const uint32_t mask = (1u << tables->precision) - 1;
  for (long index = first; index < first + count; index++) {
    uint16_t table = which[index - first];
    const uint32_t *cumulative = tables->cumulative + tables->starts[table];
    uint32_t x = states[index % lanes];
    uint32_t slot = x & mask;
    // The last symbol whose sum is not above the slot, by halving.
    uint32_t symbol = 0;
    for (uint32_t length = tables->lengths[table]; length > 1;) {
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
  }
  return next - words;
}
