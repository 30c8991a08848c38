import Foundation
import Tensors

/// Has OpenBLAS use a processor's AVX-512 where it does not see it by itself.
///
/// OpenBLAS chooses its kernels once, when it is loaded, and versions such as Debian 12's 0.3.21
/// take processors that are newer than they are for a Haswell, at half the speed. Only the
/// environment can tell it otherwise, so the process replaces itself before it does anything else.
enum KernelChoice {
  private static let override = "OPENBLAS_CORETYPE"

  /// Starts the program again with faster kernels, where there are any.
  ///
  /// Returns if there are none, if `OPENBLAS_CORETYPE` is set (as it is after the restart), or if
  /// `CLEAVE_NO_REEXEC` is.
  static func restartIfFaster() {
    guard getenv(override) == nil, getenv("CLEAVE_NO_REEXEC") == nil,
      ["Haswell", "Zen"].contains(BLASLibrary.coreName), processorHasAVX512,
      let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
      setenv(override, "SkylakeX", 1) == 0
    else { return }
    execv(program, CommandLine.unsafeArgv)
    // It could not be replaced; the slower kernels do as well.
    unsetenv(override)
  }

  /// Whether the first processor has what the kernels for Skylake-X use.
  private static var processorHasAVX512: Bool {
    guard let file = fopen("/proc/cpuinfo", "r") else { return false }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
      guard text.hasPrefix("flags") else { continue }
      let flags = Set(text.split(whereSeparator: \.isWhitespace))
      return flags.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl"])
    }
    return false
  }
}
