internal import Foundation
public import Training

/// The processes that were started to work together.
public enum MessagePassing {
  /// Whether this build knows of `mpirun`.
  public static var isAvailable: Bool {
    #if MPI
      true
    #else
      false
    #endif
  }

  /// The variables of this process for programs that it starts, which are no part of its group.
  public static var environmentForOthers: [String: String] {
    ProcessInfo.processInfo.environment.filter { name, _ in
      !["OMPI_", "PMIX_", "PMI_"].contains { name.hasPrefix($0) }
    }
  }

  /// Where a process finds how many `mpirun` has started: Open MPI's variable, and that of implementations
  /// with the process management interface.
  static let sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]

  /// The group of this process; one of its own if `mpirun` has not started it.
  ///
  /// A process joins once.
  ///
  /// - Parameter environment: the variables of this process, unless given.
  /// - Throws: ``MessagePassingError`` if the processes cannot work together.
  public static func join(
    environment: [String: String]? = nil
  ) throws(MessagePassingError) -> any ProcessGroup {
    let environment = environment ?? ProcessInfo.processInfo.environment
    let count = sizes.lazy.compactMap { environment[$0].flatMap(Int.init) }.first ?? 1
    guard count > 1 else { return SingleProcess() }
    #if MPI
      return try MPIGroup()
    #else
      // Every process alone would do the same, in the same folder.
      throw .notAvailable
    #endif
  }
}

/// Why processes cannot work together.
public enum MessagePassingError: Error, Equatable, CustomStringConvertible {
  /// This build does not know of `mpirun`.
  case notAvailable
  /// MPI does not start.
  case start(status: Int32)

  /// What went wrong, and what to do.
  public var description: String {
    switch self {
    case .notAvailable:
      "mpirun has started several processes, but this cleave was built without MPI: "
        + "build it with --traits MPI"
    case .start(let status): "MPI does not start (status \(status))"
    }
  }
}
