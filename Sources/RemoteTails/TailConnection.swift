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
}
