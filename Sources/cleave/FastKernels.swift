import Foundation
import Tensors

/// Starts the process once more with better kernels where OpenBLAS does not know the processor.
///
/// The choice is made before `main`, so that nothing but a new start changes it; see
/// ``BLASKernels``. Whoever has set the variable is left alone, and if the process cannot be started
/// again it goes on.
enum FastKernels {
  static func choose() {
    guard getenv(BLASKernels.variable) == nil, let better = BLASKernels.better else { return }
    setenv(BLASKernels.variable, better, 1)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }
}
