#if GRPC
  internal import GRPCCore
  public import Splitting

  /// What a served tail did not answer.
  public enum RemoteTailError: Error, Equatable, CustomStringConvertible {
    /// The server could not be reached, or did not answer, for longer than its client waits.
    case unreachable(TailAddress, after: TimeSpan, last: String)
    /// The server has said no.
    case refused(TailAddress, reason: String)
    /// The server does not have the tables that a request names, such as after it was restarted.
    case unknownTables(TailAddress)
    /// The server's answer is none that a tail gives.
    case answer(TailAddress, problem: String)
    /// Not even one latent fits into the requests that the server takes.
    case latentTooLarge(TailAddress, bytes: Int, most: Int)
    /// What the client shows of itself cannot be read.
    case access(path: String, problem: String)

    /// What happened, and where.
    public var description: String {
      switch self {
      case .unreachable(let address, let time, let last):
        "the tail at \(address) has not answered for \(time): \(last)"
      case .refused(let address, let reason): "the tail at \(address) refuses: \(reason)"
      case .unknownTables(let address):
        "the tail at \(address) does not have the codec tables that were used: share them first"
      case .answer(let address, let problem): "the tail at \(address) answers \(problem)"
      case .latentTooLarge(let address, let bytes, let most):
        "a latent of \(bytes) bytes does not fit into the requests of \(most) bytes that the tail at "
          + "\(address) takes"
      case .access(let path, let problem): "\(path) \(problem)"
      }
    }
  }
#endif
