// Sparse products for one type and one set of instructions. Included once for each, with
//
//   SCALAR   the type
//   NAME(x)  the name of a function for them
//   TARGET   the attribute that allows the instructions
//   LANES    the values of a vector
//
// Loops over a tile have a constant length where they are called, so that compilers keep its sums in
// vector registers.

#define INLINE static inline __attribute__((always_inline))

typedef SCALAR NAME(Vector)
    __attribute__((vector_size(LANES * sizeof(SCALAR)), aligned(sizeof(SCALAR)), may_alias));

TARGET INLINE void NAME(product_of)(
    const int tile, const int has_positions, SparseRows rows, long first, long last,
    const SCALAR *values, const SCALAR *input, SCALAR *output) {
  const int vectors = tile / LANES;
  for (long row = first; row < last; row++) {
    NAME(Vector) *target = (NAME(Vector) *)(output + row * tile);
    NAME(Vector) sum[64 / LANES];
    for (int vector = 0; vector < vectors; vector++) sum[vector] = (NAME(Vector)){0};
    for (long entry = rows.offsets[row]; entry < rows.offsets[row + 1]; entry++) {
      const SCALAR value = values[has_positions ? rows.positions[entry] : entry];
      const NAME(Vector) *source =
          (const NAME(Vector) *)(input + (long)rows.sources[entry] * tile);
      for (int vector = 0; vector < vectors; vector++) sum[vector] += value * source[vector];
    }
    for (int vector = 0; vector < vectors; vector++) target[vector] = sum[vector];
  }
}

TARGET INLINE void NAME(values_gradient_of)(
    const int tile, SparseRows rows, long first, long last, const SCALAR *upstream,
    const SCALAR *input, SCALAR *gradient) {
  const int vectors = tile / LANES;
  for (long row = first; row < last; row++) {
    const NAME(Vector) *back = (const NAME(Vector) *)(upstream + row * tile);
    for (long entry = rows.offsets[row]; entry < rows.offsets[row + 1]; entry++) {
      const NAME(Vector) *source =
          (const NAME(Vector) *)(input + (long)rows.sources[entry] * tile);
      NAME(Vector) products = {0};
      for (int vector = 0; vector < vectors; vector++) products += back[vector] * source[vector];
      // Pairs, so that the sums do not wait for each other.
      SCALAR sum[LANES];
      for (int lane = 0; lane < LANES; lane++) sum[lane] = products[lane];
      for (int width = LANES / 2; width > 0; width /= 2)
        for (int lane = 0; lane < width; lane++) sum[lane] += sum[lane + width];
      gradient[entry] += sum[0];
    }
  }
}

#define WITH_TILE(function, ...)                                                                 \
  switch (tile) {                                                                                \
    case 16: NAME(function)(16, __VA_ARGS__); break;                                             \
    case 32: NAME(function)(32, __VA_ARGS__); break;                                             \
    default: NAME(function)(64, __VA_ARGS__); break;                                             \
  }

TARGET static void NAME(product)(
    SparseRows rows, long tile, long first, long last, const SCALAR *values, const SCALAR *input,
    SCALAR *output) {
  if (rows.positions) {
    WITH_TILE(product_of, 1, rows, first, last, values, input, output)
  } else {
    WITH_TILE(product_of, 0, rows, first, last, values, input, output)
  }
}

TARGET static void NAME(values_gradient)(
    SparseRows rows, long tile, long first, long last, const SCALAR *upstream,
    const SCALAR *input, SCALAR *gradient) {
  WITH_TILE(values_gradient_of, rows, first, last, upstream, input, gradient)
}

TARGET static void NAME(vector)(
    SparseRows rows, long first, long last, const SCALAR *values, const SCALAR *input,
    const SCALAR *bias, SCALAR *output) {
  for (long row = first; row < last; row++) {
    // Several sums, as one would wait for each addition to end.
    SCALAR sum[8] = {0};
    long entry = rows.offsets[row];
    const long end = rows.offsets[row + 1];
    for (; entry + 8 <= end; entry += 8)
      for (int lane = 0; lane < 8; lane++)
        sum[lane] += values[rows.positions ? rows.positions[entry + lane] : entry + lane] *
                     input[rows.sources[entry + lane]];
    for (int lane = 0; entry < end; entry++, lane++)
      sum[lane] += values[rows.positions ? rows.positions[entry] : entry] *
                   input[rows.sources[entry]];
    SCALAR total = ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
    output[row] = total + (bias ? bias[row] : 0);
  }
}

// So many features are turned at once, few enough for what is read and written to stay near.
enum { NAME(TURNED) = 16 };

TARGET INLINE void NAME(tile_of)(
    const int tile, long count, long features, const SCALAR *samples, SCALAR *tiled) {
  for (long start = 0; start < features; start += NAME(TURNED)) {
    const long end = start + NAME(TURNED) < features ? start + NAME(TURNED) : features;
    for (int lane = 0; lane < tile; lane++) {
      const SCALAR *sample = samples + lane * features;
      SCALAR *target = tiled + lane;
      if (lane < count) {
        for (long feature = start; feature < end; feature++)
          target[feature * tile] = sample[feature];
      } else {
        for (long feature = start; feature < end; feature++) target[feature * tile] = 0;
      }
    }
  }
}

TARGET INLINE void NAME(untile_of)(
    const int tile, long count, long features, const SCALAR *tiled, const SCALAR *bias,
    SCALAR *samples) {
  for (long start = 0; start < features; start += NAME(TURNED)) {
    const long width = start + NAME(TURNED) < features ? NAME(TURNED) : features - start;
    // Turned here first: the samples may lie where a cache holds few of them at a time.
    SCALAR turned[64][NAME(TURNED)];
    for (long feature = 0; feature < width; feature++) {
      const SCALAR *source = tiled + (start + feature) * tile;
      const SCALAR offset = bias ? bias[start + feature] : 0;
      for (int lane = 0; lane < tile; lane++) turned[lane][feature] = source[lane] + offset;
    }
    for (int lane = 0; lane < count; lane++) {
      SCALAR *target = samples + lane * features + start;
      if (width == NAME(TURNED)) {
        for (int feature = 0; feature < NAME(TURNED); feature++)
          target[feature] = turned[lane][feature];
      } else {
        for (long feature = 0; feature < width; feature++) target[feature] = turned[lane][feature];
      }
    }
  }
}

TARGET static void NAME(turn_in)(
    long tile, long count, long features, const SCALAR *samples, SCALAR *tiled) {
  WITH_TILE(tile_of, count, features, samples, tiled)
}

TARGET static void NAME(turn_out)(
    long tile, long count, long features, const SCALAR *tiled, const SCALAR *bias,
    SCALAR *samples) {
  WITH_TILE(untile_of, count, features, tiled, bias, samples)
}

#undef INLINE
#undef WITH_TILE
