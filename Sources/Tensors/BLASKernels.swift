internal import CKernels
internal import COpenBLAS

/// Which of its sets of kernels OpenBLAS computes with.
///
/// It chooses one as it is loaded, by the processor's model. A release that is older than the
/// processor does not know the model and takes what every processor has, which is several times as
/// slow; it says nothing. The variable `OPENBLAS_CORETYPE` settles the choice, if it is set before
/// the process starts.
public enum BLASKernels {
  /// The variable of the environment that OpenBLAS reads its choice from.
  public static var variable: String { "OPENBLAS_CORETYPE" }

  /// The chosen set's name, such as `Haswell`.
  public static var chosen: String { String(cString: openblas_get_corename()) }

  /// The set that makes better use of this processor than the chosen one; none if that is fine.
  public static var better: String? {
    better(
      than: chosen, hasAVX2: processor_has_avx2(), hasAVX512: processor_has_avx512())
  }

  /// The set that makes better use of a processor than another one does; none if there is none.
  ///
  /// Only sets of what every 64-bit processor has are bettered: what was chosen for a known model
  /// is left alone.
  package static func better(than chosen: String, hasAVX2: Bool, hasAVX512: Bool) -> String? {
    guard ["Prescott", "Core2", "Generic"].contains(chosen) else { return nil }
    if hasAVX512 { return "SkylakeX" }
    return hasAVX2 ? "Haswell" : nil
  }
}
