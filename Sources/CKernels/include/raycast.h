// Pictures of a scene of upright boxes, upright cylinders and spheres on a floor, by casting a ray
// through the middle of every pixel.
//
// They are in C because a function here can be compiled for wider vectors than the rest of the
// program and chosen when it runs. No sums are contracted to fused ones, so that all of them give
// the same bits.
//
// The camera looks along the horizontal. A ray's direction is (1, u, v) in its frame of forward,
// right and up, so that the distance t along a ray is the planar depth of what it meets.

#ifndef CLEAVE_RAYCAST_H
#define CLEAVE_RAYCAST_H

#include <stdint.h>

enum {
  RAYCAST_BOX = 0,
  RAYCAST_CYLINDER = 1,
  RAYCAST_SPHERE = 2,

  RAYCAST_PLAIN = 0,
  RAYCAST_CHECKER = 1,
  RAYCAST_STRIPES = 2,
  RAYCAST_NOISE = 3,

  /// What a pixel shows where it shows no obstacle.
  RAYCAST_SKY = -1,
  RAYCAST_FLOOR = -2,

  /// The most columns of a picture.
  RAYCAST_MAXIMUM_WIDTH = 4096
};

/// How a surface looks: two colours, 0 to 1, and a pattern that goes from one to the other.
struct raycast_material {
  float first[3];
  float second[3];
  int32_t pattern;
  /// The size of the pattern in metres.
  float scale;
  /// What is added to places, so that patterns of like things differ.
  float phase;
  /// The direction that stripes follow each other in.
  float along[3];
};

/// A thing in the scene.
struct raycast_obstacle {
  int32_t form;
  /// Its middle, in metres.
  double x, y, z;
  /// Half its extents; a radius twice for a cylinder, three times for a sphere.
  float half[3];
  /// Of its yaw.
  float cosine, sine;
  struct raycast_material material;
};

/// What there is to see besides obstacles.
struct raycast_surroundings {
  struct raycast_material floor;
  float horizon[3];
  float zenith[3];
  /// Towards the sun, in the world's frame.
  float sun[3];
  /// The share of light that comes from everywhere, and from the sun.
  float ambient, direct;
  /// What is lost to haze in each metre, about.
  float haze;
};

/// All that there is to see.
struct raycast_scene {
  const struct raycast_obstacle *obstacles;
  long count;
  struct raycast_surroundings around;
};

/// Where from, and how, it is seen.
struct raycast_view {
  long width, height;
  /// Pixels for a tangent of 1.
  float focal;
  /// In metres; z is above 0.
  double x, y, z;
  /// Of the yaw.
  double cosine, sine;
};

/// Casts `depth[height][width]`, infinite where there is only sky; and unless they are null
/// `identities[height][width]`, the number of the obstacle that is seen or what else is, and
/// `colours[height][width][3]`, which need identities. Vectors are no longer than `lanes`.
void raycast_frame(
    long lanes, const struct raycast_scene *scene, const struct raycast_view *view, float *depth,
    int32_t *identities, uint8_t *colours);

/// The numbers in the longest vectors of this machine: 16, 8 or 4.
long raycast_lanes(void);

#endif
