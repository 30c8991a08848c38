internal import CKernels
internal import COpenBLAS
public import RealModule

/// An element type the engine computes in: `Float` for work, `Double` for gradient checks.
///
/// Kernels are generic over this protocol and specialised for both conformances, which are the
/// only ones.
public protocol TensorScalar:
  Real, BinaryFloatingPoint, SIMDScalar, BitwiseCopyable, Codable, Sendable
where Magnitude == Self, RawSignificand: FixedWidthInteger {
  /// The name of the type in files, `float32` or `float64`.
  static var typeName: String { get }

  /// `eˣ` in the form that kernels use, fast in loops over many elements.
  static func kernelExp(_ x: Self) -> Self

  /// `eˣ − 1` for `x ≤ 0` in the form that kernels use.
  static func kernelExpMinusOne(_ x: Self) -> Self

  /// `log(1 + x)` for `x` in `0...1` in the form that kernels use.
  static func kernelLogOnePlus(_ x: Self) -> Self

  /// The hyperbolic tangent in the form that kernels use.
  static func kernelTanh(_ x: Self) -> Self

  /// The error function in the form that kernels use.
  static func kernelErf(_ x: Self) -> Self

  /// Computes `c = alpha · op(a) · op(b) + beta · c` on row-major matrices in the calling thread.
  ///
  /// - Parameters:
  ///   - m: rows of `op(a)` and `c`.
  ///   - n: columns of `op(b)` and `c`.
  ///   - k: columns of `op(a)` and rows of `op(b)`.
  static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self,
    a: UnsafePointer<Self>, leadingA: Int, b: UnsafePointer<Self>, leadingB: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, leadingC: Int)
}

extension Float: TensorScalar {
  /// The most values of a product that is computed without copies of its operands.
  private static var largestDirectProduct: Int { 1 << 20 }

  /// `float32`.
  public static var typeName: String { "float32" }

  /// Multiplies small matrices where they lie, and others through `cblas_sgemm`, which copies them
  /// first.
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, leadingA: Int, b: UnsafePointer<Float>, leadingB: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, leadingC: Int
  ) {
    if !transposeB, alpha == 1, beta == 0 || beta == 1, m * n <= largestDirectProduct {
      product_float(transposeA, beta == 1, m, n, k, a, leadingA, b, leadingB, c, leadingC)
      return
    }
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(leadingA), b, blasint(leadingB), beta,
      c, blasint(leadingC))
  }
}

extension Double: TensorScalar {
  /// `float64`.
  public static var typeName: String { "float64" }

  /// Multiplies through `cblas_dgemm`.
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
    a: UnsafePointer<Double>, leadingA: Int, b: UnsafePointer<Double>, leadingB: Int, beta: Double,
    c: UnsafeMutablePointer<Double>, leadingC: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(leadingA), b, blasint(leadingB), beta,
      c, blasint(leadingC))
  }
}
