import Autodiff
import MessagePassing
import Testing
import Training

struct MessagePassingTests {
  @Test func aProcessThatNobodyStartedWithOthersIsAlone() throws {
    let group = try MessagePassing.join(environment: ["PATH": "/usr/bin"])
    #expect(group.count == 1)
    #expect(group.isFirst)
    #expect(group.sum([1, 2]) == [1, 2])
    #expect(group.broadcast([3]) == [3])
  }

  @Test(.enabled(if: !MessagePassing.isAvailable)) func severalProcessesNeedTheTrait() throws {
    #expect(throws: MessagePassingError.notAvailable) {
      try MessagePassing.join(environment: ["OMPI_COMM_WORLD_SIZE": "2"])
    }
    #expect(try MessagePassing.join(environment: ["OMPI_COMM_WORLD_SIZE": "1"]).count == 1)
    #expect("\(MessagePassingError.notAvailable)".contains("--traits MPI"))
  }
}
