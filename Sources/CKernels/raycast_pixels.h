// The casting and shading of pixels with one length of vectors. Included once for each, with
//
//   LANES    the numbers in a vector
//   NAME(x)  the name of a function for them
//   TARGET   the attribute that allows the instructions
//
// Letters: u, v a ray's slope to the right and up, t the distance along it, n a surface's normal.

#pragma clang fp contract(off)

typedef float NAME(vector) __attribute__((ext_vector_type(LANES)));
typedef int32_t NAME(integers) __attribute__((ext_vector_type(LANES)));
typedef uint32_t NAME(words) __attribute__((ext_vector_type(LANES)));

#define V NAME(vector)
#define I NAME(integers)
#define W NAME(words)
#define INLINE TARGET static inline __attribute__((always_inline))
#define MAX(a, b) __builtin_elementwise_max(a, b)
#define MIN(a, b) __builtin_elementwise_min(a, b)
#define ROOT(a) __builtin_elementwise_sqrt(a)

// Memory of fewer than LANES numbers may end a row.
INLINE V NAME(load)(const float *from, long count) {
  V result = 0;
  if (count >= LANES)
    memcpy(&result, from, sizeof(V));
  else
    memcpy(&result, from, (size_t)count * sizeof(float));
  return result;
}

INLINE void NAME(store)(V value, float *to, long count) {
  if (count >= LANES)
    memcpy(to, &value, sizeof(V));
  else
    memcpy(to, &value, (size_t)count * sizeof(float));
}

INLINE I NAME(load_integers)(const int32_t *from, long count) {
  I result = 0;
  if (count >= LANES)
    memcpy(&result, from, sizeof(I));
  else
    memcpy(&result, from, (size_t)count * sizeof(int32_t));
  return result;
}

INLINE void NAME(store_integers)(I value, int32_t *to, long count) {
  if (count >= LANES)
    memcpy(to, &value, sizeof(I));
  else
    memcpy(to, &value, (size_t)count * sizeof(int32_t));
}

// The slopes to the right of the rays of LANES columns.
INLINE V NAME(slopes)(const struct raycast_view *view, long column) {
  V result;
  for (int lane = 0; lane < LANES; lane++)
    result[lane] = (float)(column + lane) + 0.5f - 0.5f * (float)view->width;
  return result / view->focal;
}

INLINE float NAME(slope_up)(const struct raycast_view *view, long row) {
  return (0.5f * (float)view->height - 0.5f - (float)row) / view->focal;
}

// Replaces what lies behind something nearer.
INLINE void NAME(cover)(
    V distance, I hit, int32_t identity, float *depth, int32_t *identities, long count) {
  V before = NAME(load)(depth, count);
  hit &= (distance > nearest) & (distance < before);
  NAME(store)(hit ? distance : before, depth, count);
  if (identities) {
    I known = NAME(load_integers)(identities, count);
    NAME(store_integers)(hit ? (I)identity : known, identities, count);
  }
}

// Where rays of a height enter and leave what lies between two heights over the camera.
INLINE struct interval NAME(heights)(float v, float low, float high) {
  if (v > 0) return (struct interval){low / v, high / v};
  if (v < 0) return (struct interval){high / v, low / v};
  if (low <= 0 && high >= 0) return (struct interval){-INFINITY, INFINITY};
  return (struct interval){INFINITY, -INFINITY};
}

// A box or a cylinder: where a ray enters and leaves its outline seen from above depends on the
// column alone, where it enters and leaves its heights on the row alone.
TARGET static void NAME(cast_upright)(
    const struct raycast_obstacle *obstacle, struct placed placed, int32_t identity,
    const struct raycast_view *view, float *depth, int32_t *identities) {
  float enter[RAYCAST_MAXIMUM_WIDTH], leave[RAYCAST_MAXIMUM_WIDTH];
  const float *half = obstacle->half;
  long width = view->width;
  int is_box = obstacle->form == RAYCAST_BOX;
  struct interval sides = is_box ? box_interval(placed, half)
                                 : disc_interval(placed.forward, placed.right, half[0]);
  struct pixels columns = pixels_of(sides, view->focal, width);
  if (columns.first > columns.last) return;
  long first = columns.first / LANES * LANES;
  V soonest = INFINITY, latest = 0;
  float x = placed.forward * placed.cosine - placed.right * placed.sine;
  float y = -placed.forward * placed.sine - placed.right * placed.cosine;
  for (long column = first; column <= columns.last; column += LANES) {
    V u = NAME(slopes)(view, column), in, out;
    if (is_box) {
      V along = placed.cosine - u * placed.sine, across = -placed.sine - u * placed.cosine;
      // Zero would give not-a-number on the line of a face.
      along = (MAX(along, -along) < (V)1e-12f) ? (V)1e-12f : along;
      across = (MAX(across, -across) < (V)1e-12f) ? (V)1e-12f : across;
      V a = (x - half[0]) / along, b = (x + half[0]) / along;
      V c = (y - half[1]) / across, d = (y + half[1]) / across;
      in = MAX(MIN(a, b), MIN(c, d));
      out = MIN(MAX(a, b), MAX(c, d));
    } else {
      V square = 1 + u * u, distance = placed.forward * u - placed.right;
      V middle = placed.forward + u * placed.right;
      V rest = half[0] * half[0] * square - distance * distance;
      V root = ROOT(MAX(rest, (V)0));
      in = (middle - root) / square;
      out = rest > 0 ? (middle + root) / square : (V)-INFINITY;
    }
    I hit = (in <= out) & (out > 0);
    soonest = MIN(soonest, hit ? in : (V)INFINITY);
    latest = MAX(latest, hit ? out : (V)0);
    memcpy(enter + column, &in, sizeof(V));
    memcpy(leave + column, &out, sizeof(V));
  }
  float near = INFINITY, far = 0;
  for (int lane = 0; lane < LANES; lane++) {
    near = fminf(near, soonest[lane]);
    far = fmaxf(far, latest[lane]);
  }
  if (near > far) return;
  near = fmaxf(near, nearest);
  float low = placed.up - half[2], high = placed.up + half[2];
  // Rows count downwards.
  struct interval rising = {-(high > 0 ? high / near : high / far),
                            -(low < 0 ? low / near : low / far)};
  struct pixels rows = pixels_of(rising, view->focal, view->height);
  for (long row = rows.first; row <= rows.last; row++) {
    struct interval between = NAME(heights)(NAME(slope_up)(view, row), low, high);
    if (between.high <= 0) continue;
    for (long column = first; column <= columns.last; column += LANES) {
      V in, out;
      memcpy(&in, enter + column, sizeof(V));
      memcpy(&out, leave + column, sizeof(V));
      in = MAX(in, (V)between.low);
      long place = row * width + column;
      NAME(cover)(
          in, in <= MIN(out, (V)between.high), identity, depth + place,
          identities ? identities + place : NULL, width - column);
    }
  }
}

TARGET static void NAME(cast_sphere)(
    const struct raycast_obstacle *obstacle, struct placed placed, int32_t identity,
    const struct raycast_view *view, float *depth, int32_t *identities) {
  float radius = obstacle->half[0], x = placed.forward, y = placed.right, z = placed.up;
  struct pixels columns =
      pixels_of(disc_interval(x, y, radius), view->focal, view->width);
  struct pixels rows = pixels_of(disc_interval(x, -z, radius), view->focal, view->height);
  if (columns.first > columns.last) return;
  for (long row = rows.first; row <= rows.last; row++) {
    float v = NAME(slope_up)(view, row);
    for (long column = columns.first / LANES * LANES; column <= columns.last; column += LANES) {
      V u = NAME(slopes)(view, column);
      V square = (1 + v * v) + u * u, middle = (x + v * z) + u * y;
      // The square of the distance of the ray's line from the middle, as a cross product: the
      // difference of squares loses what is small against the way to the sphere.
      V a = y * v - z * u, c = x * u - y;
      float b = z - x * v;
      V rest = radius * radius * square - (a * a + b * b + c * c);
      V distance = (middle - ROOT(MAX(rest, (V)0))) / square;
      long place = row * view->width + column;
      NAME(cover)(
          distance, rest > 0, identity, depth + place, identities ? identities + place : NULL,
          view->width - column);
    }
  }
}

TARGET static void NAME(cast)(
    const struct raycast_scene *scene, const struct raycast_view *view, float *depth,
    int32_t *identities) {
  long width = view->width;
  for (long row = 0; row < view->height; row++) {
    float v = NAME(slope_up)(view, row);
    float distance = v < 0 ? (float)view->z / -v : INFINITY;
    int32_t identity = v < 0 ? RAYCAST_FLOOR : RAYCAST_SKY;
    for (long column = 0; column < width; column++) depth[row * width + column] = distance;
    if (identities)
      for (long column = 0; column < width; column++) identities[row * width + column] = identity;
  }
  float edge = 0.5f * (float)width / view->focal, secant = sqrtf(1 + edge * edge);
  for (long index = 0; index < scene->count; index++) {
    const struct raycast_obstacle *obstacle = scene->obstacles + index;
    struct placed placed = place(obstacle, view);
    const float *half = obstacle->half;
    float bound =
        obstacle->form == RAYCAST_BOX ? sqrtf(half[0] * half[0] + half[1] * half[1]) : half[0];
    if (placed.forward + bound <= nearest) continue;
    if (fabsf(placed.right) > placed.forward * edge + bound * secant) continue;
    if (obstacle->form == RAYCAST_SPHERE)
      NAME(cast_sphere)(obstacle, placed, (int32_t)index, view, depth, identities);
    else
      NAME(cast_upright)(obstacle, placed, (int32_t)index, view, depth, identities);
  }
}

INLINE I NAME(floor)(V x) {
  I whole = __builtin_convertvector(x, I);
  return whole + (__builtin_convertvector(whole, V) > x);
}

INLINE V NAME(scatter)(W x) {
  x = (x ^ (x >> 15)) * 0x9c8f2d35u;
  x = (x ^ (x >> 13)) * 0x61c6a92fu;
  return __builtin_convertvector((I)(x >> 9), V) * 0x1p-23f;
}

// Numbers from 0 to 1 at whole places, and smoothly between them; in a plane if it is flat.
INLINE V NAME(value_noise)(V x, V y, V z, int is_flat) {
  I i = NAME(floor)(x), j = NAME(floor)(y);
  V a = x - __builtin_convertvector(i, V), b = y - __builtin_convertvector(j, V);
  a = a * a * (3 - 2 * a);
  b = b * b * (3 - 2 * b);
  const uint32_t across = 0x8f1bbcdbu, down = 0x5a827999u, up = 0x6ed9eba1u;
  W p = (W)i * across, q = (W)j * down, r = 0;
  V c = 0;
  if (!is_flat) {
    I k = NAME(floor)(z);
    c = z - __builtin_convertvector(k, V);
    c = c * c * (3 - 2 * c);
    r = (W)k * up;
  }
  V sum = 0;
  for (int layer = 0; layer < (is_flat ? 1 : 2); layer++) {
    W base = r + (uint32_t)layer * up;
    V left = NAME(scatter)((p ^ q) + base), right = NAME(scatter)(((p + across) ^ q) + base);
    V low = left + a * (right - left);
    left = NAME(scatter)((p ^ (q + down)) + base);
    right = NAME(scatter)(((p + across) ^ (q + down)) + base);
    V high = left + a * (right - left);
    V level = low + b * (high - low);
    sum = layer == 0 ? level : sum + c * (level - sum);
  }
  return sum;
}

// How far a pattern has gone from the first colour to the second, at a place in metres. `blur` is
// how wide a pixel is there; patterns finer than that go over to their mean.
INLINE V NAME(pattern)(
    const struct raycast_material *material, V x, V y, V z, V blur, int is_flat) {
  if (material->pattern == RAYCAST_PLAIN) return 0;
  float inverse = 1 / material->scale, phase = material->phase;
  x = x * inverse + phase;
  y = y * inverse + phase;
  z = z * inverse + phase;
  V sharp = MIN(MAX(1.5f - 1.5f * inverse * blur, (V)0), (V)1), value;
  if (material->pattern == RAYCAST_NOISE) {
    value = 0.65f * NAME(value_noise)(x, y, z, is_flat)
            + 0.35f * NAME(value_noise)(2.13f * x, 2.13f * y, 2.13f * z, is_flat);
    // Means of several numbers are seldom near 0 or 1.
    value = MIN(MAX(1.8f * value - 0.4f, (V)0), (V)1);
  } else {
    I cell;
    if (material->pattern == RAYCAST_STRIPES)
      cell = NAME(floor)(
          material->along[0] * x + material->along[1] * y + material->along[2] * z);
    else
      cell = NAME(floor)(x) + NAME(floor)(y) + NAME(floor)(z);
    value = __builtin_convertvector(cell & 1, V);
  }
  return 0.5f + sharp * (value - 0.5f);
}

// A picture's light in the frame of what it falls on.
struct NAME(colour) {
  V red, green, blue;
};

INLINE struct NAME(colour) NAME(shade)(
    const struct raycast_scene *scene, const struct raycast_view *view, int32_t identity, V u,
    float v, V t) {
  V length = ROOT((1 + v * v) + u * u);
  if (identity == RAYCAST_SKY) {
    V height = MAX(v / length, (V)0);
    V share = height * (2 - height);
    return (struct NAME(colour)){
        scene->around.horizon[0] + share * (scene->around.zenith[0] - scene->around.horizon[0]),
        scene->around.horizon[1] + share * (scene->around.zenith[1] - scene->around.horizon[1]),
        scene->around.horizon[2] + share * (scene->around.zenith[2] - scene->around.horizon[2])};
  }
  const struct raycast_material *material = &scene->around.floor;
  V facing, upward, slant, x, y, z, share, open = 1;
  V right = t * u;
  if (identity == RAYCAST_FLOOR) {
    float cosine = (float)view->cosine, sine = (float)view->sine;
    x = (float)view->x + t * cosine + right * sine;
    y = (float)view->y + t * sine - right * cosine;
    facing = scene->around.sun[2];
    upward = 1;
    slant = -v / length;
    share = NAME(pattern)(material, x, y, (V)0, t * length / (view->focal * slant), 1);
  } else {
    const struct raycast_obstacle *obstacle = scene->obstacles + identity;
    material = &obstacle->material;
    struct placed placed = place(obstacle, view);
    const float *half = obstacle->half;
    float sun_x = scene->around.sun[0] * obstacle->cosine + scene->around.sun[1] * obstacle->sine;
    float sun_y = scene->around.sun[1] * obstacle->cosine - scene->around.sun[0] * obstacle->sine;
    V ahead = t - placed.forward, aside = right - placed.right;
    x = ahead * placed.cosine - aside * placed.sine;
    y = -ahead * placed.sine - aside * placed.cosine;
    z = t * v - placed.up;
    // Of the ray's direction, with the length above.
    V along = placed.cosine - u * placed.sine, across = -placed.sine - u * placed.cosine;
    if (obstacle->form == RAYCAST_BOX) {
      V a = MAX(x, -x) / half[0], b = MAX(y, -y) / half[1], c = MAX(z, -z) / half[2];
      I on_top = (c >= a) & (c >= b), on_x = ~on_top & (a >= b), on_y = ~on_top & ~on_x;
      V toward = on_top ? z : (on_x ? x : y);
      V light = on_top ? (V)scene->around.sun[2] : (on_x ? (V)sun_x : (V)sun_y);
      facing = toward > 0 ? light : -light;
      upward = on_top ? (toward > 0 ? (V)1 : (V)-1) : (V)0;
      V sloping = on_top ? (V)v : (on_x ? along : across);
      slant = MAX(sloping, -sloping) / length;
      // A pattern has no say across its own face.
      x = on_x ? (V)0 : x;
      y = on_y ? (V)0 : y;
      z = on_top ? (V)0 : z;
    } else if (obstacle->form == RAYCAST_CYLINDER) {
      float low = NAME(heights)(v, placed.up - half[2], placed.up + half[2]).low;
      I on_top = t == (V)low;
      V side = (sun_x * x + sun_y * y) / half[0];
      float cap = v < 0 ? 1 : -1;
      facing = on_top ? (V)(cap * scene->around.sun[2]) : side;
      upward = on_top ? (V)cap : (V)0;
      V sloping = on_top ? (V)v : (along * x + across * y) / half[0];
      slant = MAX(sloping, -sloping) / length;
      z = on_top ? (V)0 : z;
    } else {
      facing = (sun_x * x + sun_y * y + scene->around.sun[2] * z) / half[0];
      upward = z / half[0];
      V sloping = (along * x + across * y + v * z) / half[0];
      slant = MAX(sloping, -sloping) / length;
    }
    share = NAME(pattern)(
        material, x, y, z, t * length / (view->focal * MAX(slant, (V)0.05f)), 0);
    // Less light comes to where things stand on the floor.
    V height = (float)view->z + t * v;
    open = MIN(0.6f + 0.6f * height, (V)1);
  }
  V light = open * (scene->around.ambient * (0.8f + 0.2f * upward) + scene->around.direct * MAX(facing, (V)0));
  // About exp(-x), without a table.
  V depth = scene->around.haze * t * length;
  V clear = 1 / (1 + depth * (1 + depth * (0.5f + depth * 0.16666667f)));
  struct NAME(colour) colour;
  const float *first = material->first, *second = material->second;
  V red = light * (first[0] + share * (second[0] - first[0]));
  V green = light * (first[1] + share * (second[1] - first[1]));
  V blue = light * (first[2] + share * (second[2] - first[2]));
  colour.red = scene->around.horizon[0] + clear * (red - scene->around.horizon[0]);
  colour.green = scene->around.horizon[1] + clear * (green - scene->around.horizon[1]);
  colour.blue = scene->around.horizon[2] + clear * (blue - scene->around.horizon[2]);
  return colour;
}

INLINE I NAME(byte)(V value) {
  return __builtin_convertvector(MIN(MAX(value, (V)0), (V)1) * 255 + 0.5f, I);
}

TARGET static void NAME(paint)(
    const struct raycast_scene *scene, const struct raycast_view *view, const float *depth,
    const int32_t *identities, uint8_t *colours) {
  long width = view->width;
  for (long row = 0; row < view->height; row++) {
    float v = NAME(slope_up)(view, row);
    for (long column = 0; column < width; column += LANES) {
      long place = row * width + column, count = width - column;
      if (count > LANES) count = LANES;
      V u = NAME(slopes)(view, column), t = NAME(load)(depth + place, count);
      I shown = NAME(load_integers)(identities + place, count);
      // Each thing that is seen here is shaded for all lanes, and taken for its own.
      struct NAME(colour) colour = {0, 0, 0};
      uint32_t pending = (1u << count) - 1;
      while (pending) {
        int32_t identity = shown[__builtin_ctz(pending)];
        I same = shown == (I)identity;
        for (int lane = 0; lane < LANES; lane++) pending &= ~((uint32_t)(same[lane] & 1) << lane);
        struct NAME(colour) shaded = NAME(shade)(scene, view, identity, u, v, t);
        colour.red = same ? shaded.red : colour.red;
        colour.green = same ? shaded.green : colour.green;
        colour.blue = same ? shaded.blue : colour.blue;
      }
      I red = NAME(byte)(colour.red), green = NAME(byte)(colour.green);
      I blue = NAME(byte)(colour.blue);
      uint8_t *pixel = colours + 3 * place;
      for (long lane = 0; lane < count; lane++) {
        pixel[3 * lane] = (uint8_t)red[lane];
        pixel[3 * lane + 1] = (uint8_t)green[lane];
        pixel[3 * lane + 2] = (uint8_t)blue[lane];
      }
    }
  }
}

TARGET static void NAME(frame)(
    const struct raycast_scene *scene, const struct raycast_view *view, float *depth,
    int32_t *identities, uint8_t *colours) {
  NAME(cast)(scene, view, depth, identities);
  if (colours && identities) NAME(paint)(scene, view, depth, identities, colours);
}

#undef V
#undef I
#undef W
#undef INLINE
#undef MAX
#undef MIN
#undef ROOT
