internal import Foundation

/// The reasons why the system refused something, in plain words: `Is a directory`, `Permission
/// denied`, `No space left on device`.
package enum SystemReason {
  /// The reason of the last error of the C library on this thread.
  package static var last: String { of(errno) }

  /// The reason of an error number of the C library.
  package static func of(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// The reason behind any error, without the layers that Foundation puts around it; an error of
  /// the project's own says it itself.
  package static func of(_ error: any Error) -> String {
    if let error = error as? FileError { return error.reason }
    if error is DecodingError { return DecodingFlaw.words(error) }
    if case .invalidValue(_, let context)? = error as? EncodingError {
      return context.debugDescription
    }
    if let code = systemCode(error) { return of(code) }
    let foundation = error as NSError
    switch foundation.domain {
    case NSCocoaErrorDomain: return words(CocoaError.Code(rawValue: foundation.code))
    case NSURLErrorDomain: return foundation.localizedDescription
    default: return "\(error)"
    }
  }

  /// What a person is told of any error: the file it names, and the reason.
  package static func message(of error: any Error) -> String {
    if error is FileError { return "\(error)" }
    let path = (error as NSError).userInfo[NSFilePathErrorKey] as? String
    return (path.map { $0 + ": " } ?? "") + of(error)
  }

  /// The error number of the C library that an error was made of.
  private static func systemCode(_ error: any Error) -> Int32? {
    var error: (any Error)? = error
    // An error that contains itself is not followed forever.
    for _ in 0..<8 {
      guard let current = error else { return nil }
      let foundation = current as NSError
      if foundation.domain == NSPOSIXErrorDomain { return Int32(exactly: foundation.code) }
      error = foundation.userInfo[NSUnderlyingErrorKey] as? any Error
    }
    return nil
  }

  /// The words for what Foundation reports without an error number.
  private static func words(_ code: CocoaError.Code) -> String {
    switch code {
    case .fileReadNoSuchFile, .fileNoSuchFile: of(ENOENT)
    case .fileReadNoPermission, .fileWriteNoPermission: of(EACCES)
    case .fileWriteFileExists: of(EEXIST)
    case .fileWriteOutOfSpace: of(ENOSPC)
    case .fileWriteVolumeReadOnly: of(EROFS)
    case .fileReadInvalidFileName, .fileWriteInvalidFileName: "no name that a file can have"
    case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding,
      .fileReadCorruptFile:
      "no text in UTF-8"
    case .fileReadTooLarge: of(EFBIG)
    case .coderReadCorrupt, .propertyListReadCorrupt: "damaged data"
    default: "it cannot be read or written"
    }
  }
}
