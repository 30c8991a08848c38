internal import Synchronization

/// Forms of a frozen convolution's weight, made when they are first needed and kept.
///
/// It belongs to one weight that never changes; whoever holds both sees to that.
package final class FrozenKernels: Sendable {
  /// What a form is for.
  enum Form: Hashable {
    /// The convolution itself.
    case forward
    /// The gradient of its input.
    case reversed
  }

  private struct Key: Hashable {
    let form: Form
    let tile: WinogradTile
  }

  private let kept = Mutex<[Key: any Sendable]>([:])

  /// Keeps nothing yet.
  package init() {}

  /// The kernels of a form.
  func kernels<Scalar: TensorScalar>(
    _ form: Form, _ tile: WinogradTile, make: () -> PooledBuffer<Scalar>
  ) -> PooledBuffer<Scalar> {
    let key = Key(form: form, tile: tile)
    if let found = kept.withLock({ $0[key] }) as? PooledBuffer<Scalar> { return found }
    let made = make()
    kept.withLock { $0[key] = made }
    return made
  }
}
