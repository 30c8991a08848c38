// The transforms for one type and one set of instructions. Included once for each, with
//
//   SCALAR   float or double
//   NAME(x)  the name of a function for them
//   TARGET   the attribute that allows the instructions
//   OUT      the side of a tile of output pixels, 4 or 2
//
// The functions below take a vector type V, so that what is left of the channels after the wide
// vectors is done by the same text with narrow ones.

typedef SCALAR NAME(wide) __attribute__((ext_vector_type(16), aligned(4), may_alias));
typedef SCALAR NAME(narrow) __attribute__((ext_vector_type(4), aligned(4), may_alias));
typedef SCALAR NAME(single);

// One-dimensional transforms of an array x of V; each value goes to store(index, value).
#if OUT == 4

// Bᵀ x: six pixels to six values.
#define INPUT(V, x, store)                                                                       \
  do {                                                                                           \
    V even = x[4] - 4 * x[2], odd = x[3] - 4 * x[1];                                             \
    V even2 = x[4] - x[2], odd2 = 2 * (x[3] - x[1]);                                             \
    store(0, 4 * (x[0] - x[2]) + even2);                                                         \
    store(1, even + odd);                                                                        \
    store(2, even - odd);                                                                        \
    store(3, even2 + odd2);                                                                      \
    store(4, even2 - odd2);                                                                      \
    store(5, 4 * (x[1] - x[3]) + (x[5] - x[3]));                                                 \
  } while (0)

// Aᵀ x: six values to four pixels.
#define OUTPUT(V, x, store)                                                                      \
  do {                                                                                           \
    V sum = x[1] + x[2], difference = x[1] - x[2];                                               \
    V sum2 = x[3] + x[4], difference2 = x[3] - x[4];                                             \
    store(0, x[0] + sum + sum2);                                                                 \
    store(1, difference + 2 * difference2);                                                      \
    store(2, sum + 4 * sum2);                                                                    \
    store(3, difference + 8 * difference2 + x[5]);                                               \
  } while (0)

// A x: four pixels to six values.
#define OUTPUT_GRADIENT(V, x, store)                                                             \
  do {                                                                                           \
    V even = x[0] + x[2], odd = x[1] + x[3];                                                     \
    V even2 = x[0] + 4 * x[2], odd2 = 2 * x[1] + 8 * x[3];                                       \
    store(0, x[0]);                                                                              \
    store(1, even + odd);                                                                        \
    store(2, even - odd);                                                                        \
    store(3, even2 + odd2);                                                                      \
    store(4, even2 - odd2);                                                                      \
    store(5, x[3]);                                                                              \
  } while (0)

// G x: three values of a kernel to six.
#define KERNEL(V, x, store)                                                                      \
  do {                                                                                           \
    V outer = (x[0] + x[2]) * (SCALAR)(-1.0 / 6), inner = x[1] * (SCALAR)(1.0 / 6);              \
    V outer2 = x[0] * (SCALAR)(1.0 / 24) + x[2] * (SCALAR)(1.0 / 6);                             \
    V inner2 = x[1] * (SCALAR)(1.0 / 12);                                                        \
    store(0, x[0] * (SCALAR)0.25);                                                               \
    store(1, outer - inner);                                                                     \
    store(2, outer + inner);                                                                     \
    store(3, outer2 + inner2);                                                                   \
    store(4, outer2 - inner2);                                                                   \
    store(5, x[2]);                                                                              \
  } while (0)

// Gᵀ x: six values to three of a kernel.
#define KERNEL_GRADIENT(V, x, store)                                                             \
  do {                                                                                           \
    V sum = (x[1] + x[2]) * (SCALAR)(-1.0 / 6), sum2 = x[3] + x[4];                              \
    store(0, x[0] * (SCALAR)0.25 + sum + sum2 * (SCALAR)(1.0 / 24));                             \
    store(1, (x[2] - x[1]) * (SCALAR)(1.0 / 6) + (x[3] - x[4]) * (SCALAR)(1.0 / 12));            \
    store(2, sum + sum2 * (SCALAR)(1.0 / 6) + x[5]);                                             \
  } while (0)

#else

// Bᵀ x: four pixels to four values.
#define INPUT(V, x, store)                                                                       \
  do {                                                                                           \
    store(0, x[0] - x[2]);                                                                       \
    store(1, x[1] + x[2]);                                                                       \
    store(2, x[2] - x[1]);                                                                       \
    store(3, x[1] - x[3]);                                                                       \
  } while (0)

// Aᵀ x: four values to two pixels.
#define OUTPUT(V, x, store)                                                                      \
  do {                                                                                           \
    store(0, x[0] + x[1] + x[2]);                                                                \
    store(1, x[1] - x[2] - x[3]);                                                                \
  } while (0)

// A x: two pixels to four values.
#define OUTPUT_GRADIENT(V, x, store)                                                             \
  do {                                                                                           \
    store(0, x[0]);                                                                              \
    store(1, x[0] + x[1]);                                                                       \
    store(2, x[0] - x[1]);                                                                       \
    store(3, -x[1]);                                                                             \
  } while (0)

// G x: three values of a kernel to four.
#define KERNEL(V, x, store)                                                                      \
  do {                                                                                           \
    V outer = (x[0] + x[2]) * (SCALAR)0.5, inner = x[1] * (SCALAR)0.5;                           \
    store(0, x[0]);                                                                              \
    store(1, outer + inner);                                                                     \
    store(2, outer - inner);                                                                     \
    store(3, x[2]);                                                                              \
  } while (0)

// Gᵀ x: four values to three of a kernel.
#define KERNEL_GRADIENT(V, x, store)                                                             \
  do {                                                                                           \
    V sum = (x[1] + x[2]) * (SCALAR)0.5;                                                         \
    store(0, x[0] + sum);                                                                        \
    store(1, (x[1] - x[2]) * (SCALAR)0.5);                                                       \
    store(2, sum + x[3]);                                                                        \
  } while (0)

#endif

// The side of a tile of input pixels.
#define IN (OUT + 2)

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
    V half[IN][3];                                                                               \
    for (int column = 0; column < 3; column++) {                                                 \
      V x[3];                                                                                    \
      for (int line = 0; line < 3; line++)                                                       \
        x[line] = LOAD(V, row + (3 * line + column) * plane + channel);                          \
      KERNEL(V, x, PUT_HALF);                                                                    \
    }                                                                                            \
    for (int line = 0; line < IN; line++) KERNEL(V, half[line], PUT);                            \
  } while (0)
#define PUT_HALF(i, value) half[i][column] = value
#define PUT(i, value) STORE(__typeof__(half[0][0]), to + (IN * line + i) * plane + channel, value)
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
    SCALAR *to = gradient + input * outputs;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[3][IN];                                                                               \
    for (int column = 0; column < IN; column++) {                                                \
      V x[IN];                                                                                   \
      for (int line = 0; line < IN; line++)                                                      \
        x[line] = LOAD(V, from + (IN * line + column) * plane + channel);                        \
      KERNEL_GRADIENT(V, x, PUT_HALF);                                                           \
    }                                                                                            \
    for (int line = 0; line < 3; line++) KERNEL_GRADIENT(V, half[line], PUT);                    \
  } while (0)
#define PUT(i, value) STORE(__typeof__(half[0][0]), to + (3 * line + i) * plane + channel, value)
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
    long top = tile / t.columns % t.rows * OUT - t.top;
    long left = tile % t.columns * OUT - t.left;
    const SCALAR *pixels[IN][IN];
    for (long row = 0; row < IN; row++) {
      for (long column = 0; column < IN; column++) {
        bool inside = top + row >= 0 && top + row < t.height && left + column >= 0 &&
                      left + column < t.width;
        long pixel = (image * t.height + top + row) * t.width + left + column;
        pixels[row][column] = inside ? images + pixel * t.channels : zeros;
      }
    }
    SCALAR *to = values + (tile - t.origin) * t.channels;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[IN][IN];                                                                              \
    for (int column = 0; column < IN; column++) {                                                \
      V x[IN];                                                                                   \
      for (int line = 0; line < IN; line++) x[line] = LOAD(V, pixels[line][column] + channel);   \
      INPUT(V, x, PUT_HALF);                                                                     \
    }                                                                                            \
    for (int line = 0; line < IN; line++) INPUT(V, half[line], PUT);                             \
  } while (0)
#define PUT(i, value) STORE(__typeof__(half[0][0]), to + (IN * line + i) * plane + channel, value)
    FOR_CHANNELS(t.channels, BODY);
#undef BODY
  }
}

TARGET static void NAME(output_gradient)(
    struct winograd_tiles t, const SCALAR *images, const SCALAR *zeros, SCALAR *values) {
  long plane = t.count * t.channels;
  for (long tile = t.first; tile < t.last; tile++) {
    long image = tile / (t.rows * t.columns);
    long top = tile / t.columns % t.rows * OUT;
    long left = tile % t.columns * OUT;
    const SCALAR *pixels[OUT][OUT];
    for (long row = 0; row < OUT; row++) {
      for (long column = 0; column < OUT; column++) {
        bool inside = top + row < t.height && left + column < t.width;
        long pixel = (image * t.height + top + row) * t.width + left + column;
        pixels[row][column] = inside ? images + pixel * t.channels : zeros;
      }
    }
    SCALAR *to = values + (tile - t.origin) * t.channels;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[IN][OUT];                                                                             \
    for (int column = 0; column < OUT; column++) {                                               \
      V x[OUT];                                                                                  \
      for (int line = 0; line < OUT; line++) x[line] = LOAD(V, pixels[line][column] + channel);  \
      OUTPUT_GRADIENT(V, x, PUT_HALF);                                                           \
    }                                                                                            \
    for (int line = 0; line < IN; line++) OUTPUT_GRADIENT(V, half[line], PUT);                   \
  } while (0)
    FOR_CHANNELS(t.channels, BODY);
#undef BODY
#undef PUT
  }
}

TARGET static void NAME(output)(
    struct winograd_tiles t, const SCALAR *values, const SCALAR *bias, double low, double high,
    SCALAR *images) {
  const SCALAR least = (SCALAR)low, most = (SCALAR)high;
  long plane = t.count * t.channels;
  for (long tile = t.first; tile < t.last; tile++) {
    long image = tile / (t.rows * t.columns);
    long top = tile / t.columns % t.rows * OUT;
    long left = tile % t.columns * OUT;
    long lines = t.height - top < OUT ? t.height - top : OUT;
    long columns = t.width - left < OUT ? t.width - left : OUT;
    SCALAR *corner = images + ((image * t.height + top) * t.width + left) * t.channels;
    const SCALAR *from = values + (tile - t.origin) * t.channels;
#define BODY(V)                                                                                  \
  do {                                                                                           \
    V half[OUT][IN];                                                                             \
    V offset = {0};                                                                              \
    if (bias) offset = LOAD(V, bias + channel);                                                  \
    for (int column = 0; column < IN; column++) {                                                \
      V x[IN];                                                                                   \
      for (int line = 0; line < IN; line++)                                                      \
        x[line] = LOAD(V, from + (IN * line + column) * plane + channel);                        \
      OUTPUT(V, x, PUT_HALF);                                                                    \
    }                                                                                            \
    for (int line = 0; line < lines; line++) {                                                   \
      SCALAR *y = corner + line * t.width * t.channels + channel;                                \
      OUTPUT(V, half[line], PUT);                                                                \
    }                                                                                            \
  } while (0)
// A comparison with NaN is false, so that NaN stays.
#define PUT(i, value)                                                                            \
  if (i < columns) {                                                                             \
    __typeof__(offset) found = (value) + offset;                                                 \
    found = found < least ? least : found;                                                       \
    found = found > most ? most : found;                                                         \
    STORE(__typeof__(offset), y + i * t.channels, found);                                        \
  }
    FOR_CHANNELS(t.channels, BODY);
#undef BODY
#undef PUT
#undef PUT_HALF
  }
}

#undef IN
#undef INPUT
#undef OUTPUT
#undef OUTPUT_GRADIENT
#undef KERNEL
#undef KERNEL_GRADIENT
#undef LOAD
#undef STORE
#undef FOR_CHANNELS
