// The one-dimensional transforms of the Winograd convolution F(4, 3) with the interpolation points
// 0, ±1, ±2, ∞; a two-dimensional one applies them to the columns and then to the rows of a tile.
//
// Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016, section 4.3,
// https://arxiv.org/abs/1509.09308. In the names of its equation 12, Y = Aᵀ[(GgGᵀ) ⊙ (BᵀdB)]A:
//
//   d  6 × 6 input pixels      g  3 × 3 kernel      Y  4 × 4 output pixels
//
// and for the gradient of the kernel, whose transforms are the transposed ones of A and G,
// ∂g = Gᵀ[(BᵀdB) ⊙ (A ∂Y Aᵀ)]G.

/// Lanes of neighbouring channels.
typealias WinogradLanes<Scalar: TensorScalar> = SIMD8<Scalar>

/// Six values in the transformed domain, or six pixels.
typealias Six<Value> = (Value, Value, Value, Value, Value, Value)

/// `Bᵀ d`: six pixels to six values.
@inline(__always)
func winogradInput<Scalar: TensorScalar>(
  _ d: Six<WinogradLanes<Scalar>>
) -> Six<WinogradLanes<Scalar>> {
  let even = d.4 - 4 * d.2
  let odd = d.3 - 4 * d.1
  let evenTwo = d.4 - d.2
  let oddTwo = 2 * (d.3 - d.1)
  return (
    4 * (d.0 - d.2) + evenTwo, even + odd, even - odd, evenTwo + oddTwo, evenTwo - oddTwo,
    4 * (d.1 - d.3) + (d.5 - d.3)
  )
}

/// `Aᵀ m`: six values to four pixels.
@inline(__always)
func winogradOutput<Scalar: TensorScalar>(
  _ m: Six<WinogradLanes<Scalar>>
) -> (
  WinogradLanes<Scalar>, WinogradLanes<Scalar>, WinogradLanes<Scalar>, WinogradLanes<Scalar>
) {
  let sumOne = m.1 + m.2
  let differenceOne = m.1 - m.2
  let sumTwo = m.3 + m.4
  let differenceTwo = m.3 - m.4
  return (
    m.0 + sumOne + sumTwo, differenceOne + 2 * differenceTwo, sumOne + 4 * sumTwo,
    differenceOne + 8 * differenceTwo + m.5
  )
}

/// `A y`: four pixels of the output's gradient to six values.
@inline(__always)
func winogradOutputGradient<Scalar: TensorScalar>(
  _ y: (
    WinogradLanes<Scalar>, WinogradLanes<Scalar>, WinogradLanes<Scalar>, WinogradLanes<Scalar>
  )
) -> Six<WinogradLanes<Scalar>> {
  let even = y.0 + y.2
  let odd = y.1 + y.3
  let evenTwo = y.0 + 4 * y.2
  let oddTwo = 2 * y.1 + 8 * y.3
  return (y.0, even + odd, even - odd, evenTwo + oddTwo, evenTwo - oddTwo, y.3)
}

/// `G g`: three values of a kernel to six values.
@inline(__always)
func winogradKernel<Scalar: TensorScalar>(
  _ g: (WinogradLanes<Scalar>, WinogradLanes<Scalar>, WinogradLanes<Scalar>)
) -> Six<WinogradLanes<Scalar>> {
  let outer = (g.0 + g.2) * Scalar(-1.0 / 6)
  let inner = g.1 * Scalar(1.0 / 6)
  let outerTwo = g.0 * Scalar(1.0 / 24) + g.2 * Scalar(1.0 / 6)
  let innerTwo = g.1 * Scalar(1.0 / 12)
  return (
    g.0 * Scalar(0.25), outer - inner, outer + inner, outerTwo + innerTwo, outerTwo - innerTwo, g.2
  )
}

/// `Gᵀ w`: six values to three of a kernel's gradient.
@inline(__always)
func winogradKernelGradient<Scalar: TensorScalar>(
  _ w: Six<WinogradLanes<Scalar>>
) -> (WinogradLanes<Scalar>, WinogradLanes<Scalar>, WinogradLanes<Scalar>) {
  let sumOne = (w.1 + w.2) * Scalar(-1.0 / 6)
  let differenceOne = (w.2 - w.1) * Scalar(1.0 / 6)
  let sumTwo = w.3 + w.4
  return (
    w.0 * Scalar(0.25) + sumOne + sumTwo * Scalar(1.0 / 24),
    differenceOne + (w.3 - w.4) * Scalar(1.0 / 12),
    sumOne + sumTwo * Scalar(1.0 / 6) + w.5
  )
}

/// Reads up to eight neighbouring values; lanes beyond `count` are zero.
@inline(__always)
func winogradLoad<Scalar: TensorScalar>(
  _ source: UnsafePointer<Scalar>, count: Int
) -> WinogradLanes<Scalar> {
  if count >= 8 {
    return UnsafeRawPointer(source).loadUnaligned(as: WinogradLanes<Scalar>.self)
  }
  var lanes = WinogradLanes<Scalar>(repeating: 0)
  for lane in 0..<count { lanes[lane] = source[lane] }
  return lanes
}

/// Writes up to eight neighbouring values.
@inline(__always)
func winogradStore<Scalar: TensorScalar>(
  _ lanes: WinogradLanes<Scalar>, to target: UnsafeMutablePointer<Scalar>, count: Int
) {
  if count >= 8 {
    UnsafeMutableRawPointer(target).storeBytes(of: lanes, as: WinogradLanes<Scalar>.self)
  } else {
    for lane in 0..<count { target[lane] = lanes[lane] }
  }
}
