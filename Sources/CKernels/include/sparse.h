// Products with matrices that have few entries, at places that never change.
//
// A matrix is given by rows: the entries of row r are those from offsets[r] to offsets[r + 1],
// each with its column in sources. Its values are in order of the entries, or, where `positions` is not
// null, at the places it names: so that a matrix and its transpose share their values.
//
// Samples are worked on in tiles: the values of a feature for `tile` samples lie side by side,
// [features][tile], so that every entry multiplies whole vectors whatever its column is. A tile has
// 16, 32 or 64 samples.

#ifndef CLEAVE_SPARSE_H
#define CLEAVE_SPARSE_H

#include <stdbool.h>
#include <stdint.h>

/// A matrix by rows.
typedef struct {
  const int32_t *offsets;
  const int32_t *sources;
  const int32_t *positions;
} SparseRows;

/// Writes samples, `samples[count][features]`, as a tile; those that are missing are zero.
///
/// Numbers are double where `is_double`, and float otherwise, here and below.
void sparse_tile(
    bool is_double, long tile, long count, long features, const void *samples, void *tiled);

/// Writes a tile as samples, with a number for each feature added if `bias` is not null.
void sparse_untile(
    bool is_double, long tile, long count, long features, const void *tiled, const void *bias,
    void *samples);

/// Multiplies rows `first` to `last` of a matrix with a tile: `output[row][tile]`.
void sparse_product(
    bool is_double, SparseRows rows, long tile, long first, long last, const void *values,
    const void *input, void *output);

/// Adds, to the gradient of every entry of rows `first` to `last`, what a tile contributes: the
/// product of what came back for its row and what its column was, summed over the samples.
void sparse_values_gradient(
    bool is_double, SparseRows rows, long tile, long first, long last, const void *upstream,
    const void *input, void *gradient);

/// Multiplies rows `first` to `last` with one sample, with a number for each row added if `bias` is
/// not null.
void sparse_vector(
    bool is_double, SparseRows rows, long first, long last, const void *values,
    const void *input, const void *bias, void *output);

#endif
