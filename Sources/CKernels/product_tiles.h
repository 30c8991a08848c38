// The product for one set of instructions. Included once for each, with
//
//   NAME(x)  the name of a function for them
//   TARGET   the attribute that allows the instructions
//   ROWS     the most rows of c that are summed in registers
//   VECTORS  the most vectors of a row of c that are

// A tile of c, `rows` × `vectors` vectors of V, both constant where this is called, so that the
// sums stay in registers.
#define TILE(V)                                                                                  \
  do {                                                                                           \
    V sum[ROWS][VECTORS];                                                                        \
    const long width = sizeof(V) / sizeof(float);                                                \
    for (int row = 0; row < rows; row++)                                                         \
      for (int vector = 0; vector < vectors; vector++)                                           \
        sum[row][vector] =                                                                       \
            adds ? *(const V *)(c + row * lead_c + vector * width) : (V){0};                     \
    for (long term = 0; term < depth; term++) {                                                  \
      const float *right = b + term * lead_b;                                                    \
      V value[VECTORS];                                                                          \
      for (int vector = 0; vector < vectors; vector++)                                           \
        value[vector] = *(const V *)(right + vector * width);                                    \
      for (int row = 0; row < rows; row++) {                                                     \
        float left = turned ? a[term * lead_a + row] : a[row * lead_a + term];                   \
        for (int vector = 0; vector < vectors; vector++)                                         \
          sum[row][vector] += left * value[vector];                                              \
      }                                                                                          \
    }                                                                                            \
    for (int row = 0; row < rows; row++)                                                         \
      for (int vector = 0; vector < vectors; vector++)                                           \
        *(V *)(c + row * lead_c + vector * width) = sum[row][vector];                            \
  } while (0)

#define PARAMETERS                                                                               \
  bool adds, long depth, const float *a, long lead_a, const float *b, long lead_b, float *c,     \
      long lead_c
#define ARGUMENTS_OF_TILE adds, depth, a, lead_a, b, lead_b, c, lead_c
#define ARGUMENTS turned, adds, depth, a, lead_a, b, lead_b, c, lead_c

TARGET static inline __attribute__((always_inline)) void NAME(wide_tile)(
    const int rows, const int vectors, const bool turned, PARAMETERS) {
  TILE(wide);
}

TARGET static inline __attribute__((always_inline)) void NAME(middle_tile)(
    const int rows, const int vectors, const bool turned, PARAMETERS) {
  TILE(middle);
}

TARGET static inline __attribute__((always_inline)) void NAME(narrow_tile)(
    const int rows, const int vectors, const bool turned, PARAMETERS) {
  TILE(narrow);
}

TARGET static inline __attribute__((always_inline)) void NAME(single_tile)(
    const int rows, const int vectors, const bool turned, PARAMETERS) {
  TILE(single);
}

// Calls a tile with a constant number of rows, at most ROWS.
#define WITH_ROWS(tile, vectors)                                                                 \
  switch (rows) {                                                                                \
    case 1: NAME(tile)(1, vectors, ARGUMENTS); break;                                            \
    case 2: NAME(tile)(2, vectors, ARGUMENTS); break;                                            \
    case 3: NAME(tile)(3, vectors, ARGUMENTS); break;                                            \
    case 4: NAME(tile)(4, vectors, ARGUMENTS); break;                                            \
    case 5: NAME(tile)(ROWS < 5 ? ROWS : 5, vectors, ARGUMENTS); break;                          \
    case 6: NAME(tile)(ROWS < 6 ? ROWS : 6, vectors, ARGUMENTS); break;                          \
    case 7: NAME(tile)(ROWS < 7 ? ROWS : 7, vectors, ARGUMENTS); break;                          \
    default: NAME(tile)(ROWS, vectors, ARGUMENTS); break;                                        \
  }

// A tile of c of a width and at most ROWS rows.
TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    int rows, long width, const bool turned, PARAMETERS) {
  switch (width) {
#if VECTORS == 3
    case 48: WITH_ROWS(wide_tile, 3) break;
    case 32: WITH_ROWS(wide_tile, 2) break;
#endif
    case 16: WITH_ROWS(wide_tile, 1) break;
    case 8: WITH_ROWS(middle_tile, 1) break;
    case 4: WITH_ROWS(narrow_tile, 1) break;
    default: WITH_ROWS(single_tile, 1) break;
  }
}

TARGET static void NAME(straight_tile)(int rows, long width, PARAMETERS) {
  NAME(tile)(rows, width, false, ARGUMENTS_OF_TILE);
}

TARGET static void NAME(turned_tile)(int rows, long width, PARAMETERS) {
  NAME(tile)(rows, width, true, ARGUMENTS_OF_TILE);
}

TARGET static void NAME(product)(
    bool turned, bool adds, long rows, long columns, long depth, const float *a, long lead_a,
    const float *b, long lead_b, float *c, long lead_c) {
  for (long term = 0; term < depth || term == 0; term += DEPTH) {
    const long terms = depth - term < DEPTH ? depth - term : DEPTH;
    for (long column = 0, width; column < columns; column += width) {
      const long left = columns - column;
      width = left >= 16  ? (left / 16 < VECTORS ? left / 16 : VECTORS) * 16
              : left >= 8 ? 8
              : left >= 4 ? 4
                          : 1;
      const float *right = b + term * lead_b + column;
      for (long row = 0; row < rows; row += ROWS) {
        const int count = rows - row < ROWS ? (int)(rows - row) : ROWS;
        const float *top = turned ? a + term * lead_a + row : a + row * lead_a + term;
        float *target = c + row * lead_c + column;
        if (turned)
          NAME(turned_tile)
          (count, width, adds, terms, top, lead_a, right, lead_b, target, lead_c);
        else
          NAME(straight_tile)
          (count, width, adds, terms, top, lead_a, right, lead_b, target, lead_c);
      }
    }
    adds = true;
  }
}

#undef TILE
#undef PARAMETERS
#undef ARGUMENTS
#undef ARGUMENTS_OF_TILE
#undef WITH_ROWS
