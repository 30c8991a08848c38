internal import COpenBLAS

/// The library that matrix products run on.
public enum BLASLibrary {
  /// The processor whose kernels the library chose when it was loaded, such as `Haswell` or
  /// `SkylakeX`; empty if it does not say.
  public static var coreName: String {
    let name: UnsafeMutablePointer<CChar>? = openblas_get_corename()
    return name.map { String(cString: $0) } ?? ""
  }
}
