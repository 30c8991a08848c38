// The transforms for one type and one set of instructions. Included once for each, with
//
//   SCALAR   float or double
//   NAME(x)  the name of a function for them
//   TARGET   the attribute that allows the instructions
//
// The functions below take a vector type V, so that what is left of the channels after the wide
// vectors is done by the same text with narrow ones.

typedef SCALAR NAME(wide) __attribute__((vector_size(16 * sizeof(SCALAR)), aligned(4), may_alias));
typedef SCALAR NAME(narrow) __attribute__((vector_size(4 * sizeof(SCALAR)), aligned(4), may_alias));
typedef SCALAR NAME(single);

// Bᵀ d: six pixels to six values.
#define INPUT(V, d0, d1, d2, d3, d4, d5, store)                                                  \
  do {                                                                                           \
    V x0 = d0, x1 = d1, x2 = d2, x3 = d3, x4 = d4, x5 = d5;                                      \
    V even = x4 - 4 * x2, odd = x3 - 4 * x1, even2 = x4 - x2, odd2 = 2 * (x3 - x1);              \
    store(0, 4 * (x0 - x2) + even2);                                                             \
    store(1, even + odd);                                                                        \
    store(2, even - odd);                                                                        \
    store(3, even2 + odd2);                                                                      \
    store(4, even2 - odd2);                                                                      \
    store(5, 4 * (x1 - x3) + (x5 - x3));                                                         \
  } while (0)

// Aᵀ m: six values to four pixels.
#define OUTPUT(V, m0, m1, m2, m3, m4, m5, store)                                                 \
  do {                                                                                           \
    V x1 = m1, x2 = m2, x3 = m3, x4 = m4;                                                        \
    V sum = x1 + x2, difference = x1 - x2, sum2 = x3 + x4, difference2 = x3 - x4;                \
    store(0, m0 + sum + sum2);                                                                   \
    store(1, difference + 2 * difference2);                                                      \
    store(2, sum + 4 * sum2);                                                                    \
    store(3, difference + 8 * difference2 + m5);                                                 \
  } while (0)

// A y: four pixels to six values.
#define OUTPUT_GRADIENT(V, y0, y1, y2, y3, store)                                                \
  do {                                                                                           \
    V x0 = y0, x1 = y1, x2 = y2, x3 = y3;                                                        \
    V even = x0 + x2, odd = x1 + x3, even2 = x0 + 4 * x2, odd2 = 2 * x1 + 8 * x3;                \
    store(0, x0);                                                                                \
    store(1, even + odd);                                                                        \
    store(2, even - odd);                                                                        \
    store(3, even2 + odd2);                                                                      \
    store(4, even2 - odd2);                                                                      \
    store(5, x3);                                                                                \
  } while (0)

// G g: three values of a kernel to six.
#define KERNEL(V, g0, g1, g2, store)                                                             \
  do {                                                                                           \
    V x0 = g0, x1 = g1, x2 = g2;                                                                 \
    V outer = (x0 + x2) * (SCALAR)(-1.0 / 6), inner = x1 * (SCALAR)(1.0 / 6);                    \
    V outer2 = x0 * (SCALAR)(1.0 / 24) + x2 * (SCALAR)(1.0 / 6);                                 \
    V inner2 = x1 * (SCALAR)(1.0 / 12);                                                          \
    store(0, x0 * (SCALAR)0.25);                                                                 \
    store(1, outer - inner);                                                                     \
    store(2, outer + inner);                                                                     \
    store(3, outer2 + inner2);                                                                   \
    store(4, outer2 - inner2);                                                                   \
    store(5, x2);                                                                                \
  } while (0)

// Gᵀ w: six values to three of a kernel's gradient.
#define KERNEL_GRADIENT(V, w0, w1, w2, w3, w4, w5, store)                                        \
  do {                                                                                           \
    V x1 = w1, x2 = w2, x3 = w3, x4 = w4;                                                        \
    V sum = (x1 + x2) * (SCALAR)(-1.0 / 6), sum2 = x3 + x4;                                      \
    store(0, w0 * (SCALAR)0.25 + sum + sum2 * (SCALAR)(1.0 / 24));                               \
    store(1, (x2 - x1) * (SCALAR)(1.0 / 6) + (x3 - x4) * (SCALAR)(1.0 / 12));                    \
    store(2, sum + sum2 * (SCALAR)(1.0 / 6) + w5);                                               \
  } while (0)

#define LOAD(V, from) (*(const V *)(from))
#define STORE(V, to, value) (*(V *)(to) = (value))

// Runs a body with vectors as wide as what is left of the channels allows.
#define FOR_CHANNELS(channels, body)                                                             \
  do {                                                                                           \
    long channel = 0;                                                                            \
    for (; channel + 16 <= (channels); channel += 16) body(NAME(wide));                          \
    for (; channel + 4 <= (channels); channel += 4) body(NAME(narrow));                          \
    for (; channel < (channels); channel++) body(NAME(single));                                  \
  } while (0)

TARGET static void NAME(kernels)(
    const SCALAR *weight, long inputs, long outputs, long first, long last, SCALAR *values) {
  long plane = inputs * outputs;
  for (long input = first; input < last; input++) {
    const SCALAR *row = weight + input * outputs;
    SCALAR *to = values + input * outputs;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[6][3];                                                                                \
    for (int column = 0; column < 3; column++) {                                                 \
      const SCALAR *g = row + column * plane + channel;                                          \
      KERNEL(                                                                                    \
          V, LOAD(V, g), LOAD(V, g + 3 * plane), LOAD(V, g + 6 * plane), PUT_HALF);              \
    }                                                                                            \
    for (int line = 0; line < 6; line++) {                                                       \
      SCALAR *u = to + line * 6 * plane + channel;                                               \
      KERNEL(V, half[line][0], half[line][1], half[line][2], PUT);                               \
    }                                                                                            \
  } while (0)
#define PUT_HALF(i, value) half[i][column] = value
#define PUT(i, value) STORE(__typeof__(half[0][0]), u + i * plane, value)
    FOR_CHANNELS(outputs, BODY);
#undef BODY
#undef PUT
  }
}

TARGET static void NAME(kernel_gradient)(
    const SCALAR *values, long inputs, long outputs, long first, long last, SCALAR *gradient) {
  long plane = inputs * outputs;
  for (long input = first; input < last; input++) {
    const SCALAR *from = values + input * outputs;
    SCALAR *row = gradient + input * outputs;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[3][6];                                                                                \
    for (int column = 0; column < 6; column++) {                                                 \
      const SCALAR *w = from + column * plane + channel;                                         \
      KERNEL_GRADIENT(                                                                           \
          V, LOAD(V, w), LOAD(V, w + 6 * plane), LOAD(V, w + 12 * plane),                        \
          LOAD(V, w + 18 * plane), LOAD(V, w + 24 * plane), LOAD(V, w + 30 * plane), PUT_HALF);  \
    }                                                                                            \
    for (int line = 0; line < 3; line++) {                                                       \
      SCALAR *g = row + line * 3 * plane + channel;                                              \
      KERNEL_GRADIENT(                                                                           \
          V, half[line][0], half[line][1], half[line][2], half[line][3], half[line][4],          \
          half[line][5], PUT);                                                                   \
    }                                                                                            \
  } while (0)
#define PUT(i, value) STORE(__typeof__(half[0][0]), g + i * plane, value)
    FOR_CHANNELS(outputs, BODY);
#undef BODY
#undef PUT
  }
}

TARGET static void NAME(input)(
    struct winograd_tiles t, const SCALAR *images, const SCALAR *zeros, SCALAR *values) {
  long plane = t.count * t.channels;
  for (long tile = t.first; tile < t.last; tile++) {
    long image = tile / (t.rows * t.columns);
    long top = tile / t.columns % t.rows * 4 - t.top;
    long left = tile % t.columns * 4 - t.left;
    const SCALAR *pixels[6][6];
    for (long row = 0; row < 6; row++) {
      for (long column = 0; column < 6; column++) {
        bool inside = top + row >= 0 && top + row < t.height && left + column >= 0 &&
                      left + column < t.width;
        long pixel = (image * t.height + top + row) * t.width + left + column;
        pixels[row][column] = inside ? images + pixel * t.channels : zeros;
      }
    }
    SCALAR *to = values + (tile - t.origin) * t.channels;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[6][6];                                                                                \
    for (int column = 0; column < 6; column++)                                                   \
      INPUT(                                                                                     \
          V, LOAD(V, pixels[0][column] + channel), LOAD(V, pixels[1][column] + channel),         \
          LOAD(V, pixels[2][column] + channel), LOAD(V, pixels[3][column] + channel),            \
          LOAD(V, pixels[4][column] + channel), LOAD(V, pixels[5][column] + channel), PUT_HALF); \
    for (int line = 0; line < 6; line++) {                                                       \
      SCALAR *v = to + line * 6 * plane + channel;                                               \
      INPUT(                                                                                     \
          V, half[line][0], half[line][1], half[line][2], half[line][3], half[line][4],          \
          half[line][5], PUT);                                                                   \
    }                                                                                            \
  } while (0)
#define PUT(i, value) STORE(__typeof__(half[0][0]), v + i * plane, value)
    FOR_CHANNELS(t.channels, BODY);
#undef BODY
  }
}

TARGET static void NAME(output_gradient)(
    struct winograd_tiles t, const SCALAR *images, const SCALAR *zeros, SCALAR *values) {
  long plane = t.count * t.channels;
  for (long tile = t.first; tile < t.last; tile++) {
    long image = tile / (t.rows * t.columns);
    long top = tile / t.columns % t.rows * 4;
    long left = tile % t.columns * 4;
    const SCALAR *pixels[4][4];
    for (long row = 0; row < 4; row++) {
      for (long column = 0; column < 4; column++) {
        bool inside = top + row < t.height && left + column < t.width;
        long pixel = (image * t.height + top + row) * t.width + left + column;
        pixels[row][column] = inside ? images + pixel * t.channels : zeros;
      }
    }
    SCALAR *to = values + (tile - t.origin) * t.channels;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[6][4];                                                                                \
    for (int column = 0; column < 4; column++)                                                   \
      OUTPUT_GRADIENT(                                                                           \
          V, LOAD(V, pixels[0][column] + channel), LOAD(V, pixels[1][column] + channel),         \
          LOAD(V, pixels[2][column] + channel), LOAD(V, pixels[3][column] + channel), PUT_HALF); \
    for (int line = 0; line < 6; line++) {                                                       \
      SCALAR *v = to + line * 6 * plane + channel;                                               \
      OUTPUT_GRADIENT(V, half[line][0], half[line][1], half[line][2], half[line][3], PUT);       \
    }                                                                                            \
  } while (0)
    FOR_CHANNELS(t.channels, BODY);
#undef BODY
#undef PUT
  }
}

TARGET static void NAME(output)(
    struct winograd_tiles t, const SCALAR *values, const SCALAR *bias, SCALAR *images) {
  long plane = t.count * t.channels;
  for (long tile = t.first; tile < t.last; tile++) {
    long image = tile / (t.rows * t.columns);
    long top = tile / t.columns % t.rows * 4;
    long left = tile % t.columns * 4;
    long lines = t.height - top < 4 ? t.height - top : 4;
    long columns = t.width - left < 4 ? t.width - left : 4;
    SCALAR *corner = images + ((image * t.height + top) * t.width + left) * t.channels;
    const SCALAR *from = values + (tile - t.origin) * t.channels;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[4][6];                                                                                \
    V offset = {0};                                                                              \
    if (bias) offset = LOAD(V, bias + channel);                                                  \
    for (int column = 0; column < 6; column++) {                                                 \
      const SCALAR *m = from + column * plane + channel;                                         \
      OUTPUT(                                                                                    \
          V, LOAD(V, m), LOAD(V, m + 6 * plane), LOAD(V, m + 12 * plane),                        \
          LOAD(V, m + 18 * plane), LOAD(V, m + 24 * plane), LOAD(V, m + 30 * plane), PUT_HALF);  \
    }                                                                                            \
    for (int line = 0; line < lines; line++) {                                                   \
      SCALAR *y = corner + line * t.width * t.channels + channel;                                \
      OUTPUT(                                                                                    \
          V, half[line][0], half[line][1], half[line][2], half[line][3], half[line][4],          \
          half[line][5], PUT);                                                                   \
    }                                                                                            \
  } while (0)
#define PUT(i, value)                                                                            \
  if (i < columns) STORE(__typeof__(half[0][0]), y + i * t.channels, value + offset)
    FOR_CHANNELS(t.channels, BODY);
#undef BODY
#undef PUT
#undef PUT_HALF
  }
}

#undef INPUT
#undef OUTPUT
#undef OUTPUT_GRADIENT
#undef KERNEL
#undef KERNEL_GRADIENT
#undef LOAD
#undef STORE
#undef FOR_CHANNELS
