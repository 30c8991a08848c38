import Foundation
import Glibc
import Tensors
import Testing

@Suite("Freed memory")
struct FreedMemoryTests {
  /// Page faults of a thread that takes, writes and gives back blocks over and over, after the first
  /// time.
  private func faults(blocks: Int, byteCount: Int, times: Int) async -> Int {
    await withCheckedContinuation { continuation in
      Thread {
        var first = 0
        for time in 0...times {
          if time == 1 { first = self.faultsOfThread }
          let taken = (0..<blocks).map { _ in
            UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
          }
          for block in taken {
            block.initializeMemory(
              as: UInt8.self, repeating: UInt8(truncatingIfNeeded: time), count: byteCount)
          }
          for block in taken { block.deallocate() }
        }
        continuation.resume(returning: self.faultsOfThread - first)
      }.start()
    }
  }

  private var faultsOfThread: Int {
    var usage = rusage()
    // The calling thread's alone: RUSAGE_THREAD, which is not imported.
    getrusage(__rusage_who_t(1), &usage)
    return usage.ru_minflt
  }

  @Test("Blocks as large as messages of latents are taken again without page faults, on any thread")
  func memoryIsKept() async {
    #expect(FreedMemory.keep())
    let (blocks, byteCount, times) = (6, 1 << 20, 40)
    let pages = blocks * byteCount / 4096 * times
    #expect(await faults(blocks: blocks, byteCount: byteCount, times: times) < pages / 20)
  }
}
