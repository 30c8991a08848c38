// The transforms of the Winograd convolutions F(4×4, 3×3) and F(2×2, 3×3), channels last.
//
// They are in C because a function here can be compiled for wider vectors than the rest of the
// program and chosen when it runs: AVX-512, AVX2, or what every machine has. Lavin and Gray, Fast
// Algorithms for Convolutional Neural Networks, https://arxiv.org/abs/1509.09308, equation 12:
// Y = Aᵀ[(GgGᵀ) ⊙ (BᵀdB)]A, with a 3×3 kernel g and 6×6 or 4×4 input pixels d for 4×4 or 2×2 output
// pixels Y; for the kernel's gradient ∂g = Gᵀ[(BᵀdB) ⊙ (A∂YAᵀ)]G.
//
// All values are float or, if `is_double`, double. A transformed tile has N = 36 or 16 values, each
// in a matrix of its own: `values[N][rows][channels]`.

#ifndef CLEAVE_WINOGRAD_H
#define CLEAVE_WINOGRAD_H

#include <stdbool.h>

/// An image and its tiles of output pixels.
struct winograd_tiles {
  /// The side of a tile, 4 or 2.
  long side;
  /// Of the image that is read, or written.
  long height, width, channels;
  /// Tiles down and across an image.
  long rows, columns;
  /// The input pixel of the first output pixel lies so far up and left of the image.
  long top, left;
  /// The tiles to transform, counted over the whole batch.
  long first, last;
  /// The tile in the first row of `values`, and how many rows there are.
  long origin, count;
};

/// G g Gᵀ for kernels `weight[3][3][inputs][outputs]`, inputs `first..<last`, into
/// `values[N][inputs][outputs]`.
void winograd_kernels(
    bool is_double, long side, const void *weight, long inputs, long outputs, long first, long last,
    void *values);

/// Gᵀ w G for `values[N][inputs][outputs]`, inputs `first..<last`, into
/// `gradient[3][3][inputs][outputs]`.
void winograd_kernel_gradient(
    bool is_double, long side, const void *values, long inputs, long outputs, long first, long last,
    void *gradient);

/// Bᵀ d B for input images. `zeros` holds as many zeros as there are channels.
void winograd_input(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values);

/// A ∂Y Aᵀ for gradients of output images.
void winograd_output_gradient(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values);

/// Aᵀ m A into output images, plus `bias[channels]` unless it is null, held between two bounds.
void winograd_output(
    bool is_double, struct winograd_tiles tiles, const void *values, const void *bias, double low,
    double high, void *images);

#endif
