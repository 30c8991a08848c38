// The transforms of the Winograd convolution F(4×4, 3×3), channels last.
//
// They are in C because a function here can be compiled for wider vectors than the rest of the
// program and chosen when it runs: AVX-512, AVX2, or what every machine has. Lavin and Gray, Fast
// Algorithms for Convolutional Neural Networks, https://arxiv.org/abs/1509.09308, equation 12:
// Y = Aᵀ[(GgGᵀ) ⊙ (BᵀdB)]A, with 6×6 input pixels d, a 3×3 kernel g and 4×4 output pixels Y; for
// the kernel's gradient ∂g = Gᵀ[(BᵀdB) ⊙ (A∂YAᵀ)]G.
//
// All values are float or, if `is_double`, double. A transformed tile has 36 values, each in a
// matrix of its own: `values[36][rows][channels]`.

#ifndef CLEAVE_WINOGRAD_H
#define CLEAVE_WINOGRAD_H

#include <stdbool.h>

/// An image and its tiles of 4×4 output pixels.
struct winograd_tiles {
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
/// `values[36][inputs][outputs]`.
void winograd_kernels(
    bool is_double, const void *weight, long inputs, long outputs, long first, long last,
    void *values);

/// Gᵀ w G for `values[36][inputs][outputs]`, inputs `first..<last`, into
/// `gradient[3][3][inputs][outputs]`.
void winograd_kernel_gradient(
    bool is_double, const void *values, long inputs, long outputs, long first, long last,
    void *gradient);

/// Bᵀ d B for input images. `zeros` holds as many zeros as there are channels.
void winograd_input(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values);

/// A ∂Y Aᵀ for gradients of output images.
void winograd_output_gradient(
    bool is_double, struct winograd_tiles tiles, const void *images, const void *zeros,
    void *values);

/// Aᵀ m A into output images, plus `bias[channels]` unless it is null.
void winograd_output(
    bool is_double, struct winograd_tiles tiles, const void *values, const void *bias,
    void *images);

#endif
