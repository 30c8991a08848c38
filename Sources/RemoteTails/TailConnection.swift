public import Serving
public import Splitting

/// What this build reaches served tails with.
public enum TailConnection {
  /// gRPC if it was built in, nil if not.
  public static var connector: (any TailConnector)? {
    #if GRPC
      GRPCTailConnector()
    #else
      nil
    #endif
  }

  /// Connects to a tail that is sent streams and timed; nil if gRPC was not built in.
  ///
  /// - Throws: what keeps the tail from being reached.
  public static func timed(
    _ address: TailAddress, _ access: TailAccess,
    noted: @escaping @Sendable (String) -> Void
  ) throws -> (any TimedTail)? {
    #if GRPC
      try RemoteTail(address, access, noted: noted)
    #else
      nil
    #endif
  }
}
