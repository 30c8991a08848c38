#include "raycast.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

// What is nearer than this does not count as seen, in metres.
static const float nearest = 1e-4f;

// An obstacle in the camera's frame.
struct placed {
  // Its middle: forward, right, up.
  float forward, right, up;
  // Of its yaw less that of the camera.
  float cosine, sine;
};

static struct placed place(
    const struct raycast_obstacle *obstacle, const struct raycast_view *view) {
  double x = obstacle->x - view->x, y = obstacle->y - view->y;
  struct placed placed;
  placed.forward = (float)(x * view->cosine + y * view->sine);
  placed.right = (float)(x * view->sine - y * view->cosine);
  placed.up = (float)(obstacle->z - view->z);
  placed.cosine = (float)(obstacle->cosine * view->cosine + obstacle->sine * view->sine);
  placed.sine = (float)(obstacle->sine * view->cosine - obstacle->cosine * view->sine);
  return placed;
}

// The directions between which something is seen.
struct interval {
  float low, high;
};

// Those of a disc in the plane of a forward and a sideward axis; all if it reaches behind the
// camera.
static struct interval disc_interval(float forward, float sideward, float radius) {
  float lead = forward * forward - radius * radius;
  if (forward <= radius || lead <= 1e-6f * forward * forward)
    return (struct interval){-INFINITY, INFINITY};
  float root = radius * sqrtf(lead + sideward * sideward);
  return (struct interval){
      (forward * sideward - root) / lead, (forward * sideward + root) / lead};
}

// Those of a box in the horizontal plane.
static struct interval box_interval(struct placed placed, const float half[3]) {
  struct interval interval = {INFINITY, -INFINITY};
  for (int corner = 0; corner < 4; corner++) {
    float x = corner & 1 ? half[0] : -half[0], y = corner & 2 ? half[1] : -half[1];
    float forward = placed.forward + x * placed.cosine - y * placed.sine;
    float right = placed.right - x * placed.sine - y * placed.cosine;
    if (forward < 0.01f) return (struct interval){-INFINITY, INFINITY};
    float tangent = right / forward;
    if (tangent < interval.low) interval.low = tangent;
    if (tangent > interval.high) interval.high = tangent;
  }
  return interval;
}

// The pixels `first` to `last` along an axis of `count` that may see an interval; one more on each
// side for rounding.
struct pixels {
  long first, last;
};

static struct pixels pixels_of(struct interval interval, float focal, long count) {
  float middle = 0.5f * (float)count - 0.5f;
  float low = floorf(interval.low * focal + middle) - 1;
  float high = ceilf(interval.high * focal + middle) + 1;
  // Written so that not-a-number gives all pixels.
  long first = low > 0 ? (low < (float)count ? (long)low : count) : 0;
  long last = high < (float)(count - 1) ? (high >= 0 ? (long)high : -1) : count - 1;
  return (struct pixels){first, last};
}

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw")))
#define NAME(x) x##_16
#define LANES 16
#include "raycast_pixels.h"
#undef TARGET
#undef NAME
#undef LANES
#define TARGET __attribute__((target("avx2")))
#define NAME(x) x##_8
#define LANES 8
#include "raycast_pixels.h"
#undef TARGET
#undef NAME
#undef LANES
#endif

#define TARGET
#define NAME(x) x##_4
#define LANES 4
#include "raycast_pixels.h"

long raycast_lanes(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
      && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    return 16;
  if (__builtin_cpu_supports("avx2")) return 8;
#endif
  return 4;
}

void raycast_frame(
    long lanes, const struct raycast_scene *scene, const struct raycast_view *view, float *depth,
    int32_t *identities, uint8_t *colours) {
#if defined(__x86_64__)
  long most = raycast_lanes();
  if (lanes < most) most = lanes;
  if (most >= 16) {
    frame_16(scene, view, depth, identities, colours);
    return;
  }
  if (most >= 8) {
    frame_8(scene, view, depth, identities, colours);
    return;
  }
#endif
  frame_4(scene, view, depth, identities, colours);
}
