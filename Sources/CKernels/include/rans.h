// The inner loops of range variants of asymmetric numeral systems: Duda 2014,
// https://arxiv.org/abs/1311.2540.
//
//   M = 2^precision  the sum of the frequencies
//   F, C             the frequency of a symbol, and the sum of those before it
//   x                a state, 2^16 ≤ x < 2^32
//
// A symbol takes x to ⌊x / F⌋ M + x mod F + C, after a word of 16 bits has been put out if the
// result would not fit. Several states take turns, symbol by symbol, and share one run of words,
// so that a processor has several to work on at once. The encoder goes from the last symbol to the
// first, so that its words stand in the order the decoder needs them.

#ifndef CLEAVE_RANS_H
#define CLEAVE_RANS_H

#include <stdint.h>

/// What encoding a symbol takes.
struct rans_symbol {
  /// ⌊2^64 / F⌋ + 1: the high half of its product with x is ⌊x / F⌋. For F = 1 it is 2^64 − 1,
  /// whose product gives x − 1.
  uint64_t reciprocal;
  /// What is added to x: C, or C + M − 1 for F = 1.
  uint32_t bias;
  /// F.
  uint32_t frequency;
};

/// Encodes `symbols[count]`, whose frequencies are above 0. Words are put before `end`, the last
/// one first, at most `count` of them; `states[lanes]` are moved on. Returns the number of words.
long rans_encode(
    const uint16_t *symbols, long count, const struct rans_symbol *table, int precision, long lanes,
    uint32_t *states, uint16_t *end);

/// Decodes `symbols[count]`. `slots[2^precision]` holds for each residue of the state its symbol,
/// F, and its distance from C, sixteen bits each from the lowest on. Returns how many of
/// `words[available]` were read, or -1 if there were too few.
long rans_decode(
    const uint64_t *slots, int precision, long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols, long count);

/// A symbol of one of many tables, which have to be small to stay near.
struct rans_entry {
  /// F.
  uint16_t frequency;
  /// C.
  uint16_t start;
};

/// Encodes like `rans_encode`, each symbol with a table of its own: `rows[count]` says where in
/// `table` that begins. `reciprocals[2^precision]` holds for each F what `rans_symbol` has for it.
long rans_encode_rows(
    const uint16_t *symbols, const uint32_t *rows, long count, const struct rans_entry *table,
    const uint64_t *reciprocals, int precision, long lanes, uint32_t *states, uint16_t *end);

/// Tables of different lengths, one after the other.
struct rans_tables {
  int precision;
  /// For each table where it begins, and how many symbols it has.
  const uint32_t *starts;
  const uint32_t *lengths;
  /// The sum of the frequencies before each symbol, and 2^precision after the last: one entry more
  /// than symbols.
  const uint32_t *cumulative;
};

/// Decodes `symbols[first ..< first + count]`, after those before them, whose frequencies are all
/// above 0 and below 2^16; `which[count]` are the numbers of their tables. Returns how many of
/// `words[available]` were read, or -1 if there were too few.
long rans_decode_tables(
    const struct rans_tables *tables, const uint16_t *which, long lanes, uint32_t *states,
    const uint16_t *words, long available, uint16_t *symbols, long first, long count);

/// Images of symbols whose tables follow from the channel and from the symbols to the left and
/// above, which have been decoded before.
struct rans_contexts {
  long height, width, channels;
  /// The symbols are 0 ..< 2^bits.
  int bits;
  int precision;
  /// The bucket of each symbol, and how many there are; beyond the image's edge is symbol 0.
  const uint8_t *bucket;
  long buckets;
  /// The coarse bucket of each symbol, and how many there are, for the symbols above to the left and
  /// to the right; 1 if those do not matter.
  const uint8_t *coarse;
  long coarse_buckets;
  /// For each channel, bucket to the left, bucket above, coarse bucket above to the left and above
  /// to the right: the sum of the frequencies before each symbol, and 2^precision after the last.
  const uint16_t *cumulative;
};

/// Where the table of each symbol of an image begins, if each has `2^bits` entries.
///
/// `scratch` is `4 (width + 2) channels` bytes, `bases` `width channels` numbers.
void rans_rows(
    const struct rans_contexts *contexts, const uint16_t *symbols, uint32_t *rows,
    uint8_t *scratch, uint32_t *bases);

/// Decodes an image of symbols, whose frequencies are all above 0. Returns how many of
/// `words[available]` were read, or -1 if there were too few.
long rans_decode_contexts(
    const struct rans_contexts *contexts, long lanes, uint32_t *states, const uint16_t *words,
    long available, uint16_t *symbols);

#endif
