public import Datasets
internal import Files
internal import Foundation
internal import Glibc
public import Splitting
public import Tensors

/// The latents of a frozen head for every sample of a data set, computed once.
///
/// A frozen head gives the same latent for the same image in every epoch, so that all epochs after
/// the first, and the first as well, read it here. Latents stay in memory up to a limit and lie in
/// an unnamed file beyond it, which goes away with the process however that ends.
public final class FeatureStore: Sendable {
  /// The shape of one latent.
  public let latentShape: Shape

  /// How many samples there are.
  public let count: Int

  /// Whether the latents lie in a file rather than in memory.
  public let isOnDisk: Bool

  private let storage: Storage

  private enum Storage: Sendable {
    case memory(Tensor<Float>)
    case file(SpillFile)
  }

  /// Computes the latents of a data set, sample after sample in its order.
  ///
  /// - Parameters:
  ///   - head: what computes them.
  ///   - dataset: the images.
  ///   - transform: applied to the pixels first.
  ///   - batchSize: how many samples the head takes at once.
  ///   - memoryLimit: the most bytes that are kept in memory.
  ///   - directory: where the file goes beyond that.
  ///   - progress: called with the number of samples that are done.
  /// - Throws: `DatasetError` if a sample cannot be read, ``FeatureStoreError`` if the file cannot
  ///   be written.
  public init(
    _ head: Head, dataset: ImageDataset, transform: InputTransform, batchSize: Int,
    memoryLimit: Int, directory: String, progress: (Int) -> Void = { _ in }
  ) throws {
    latentShape = head.latentShape
    count = dataset.count
    let length = latentShape.elementCount
    isOnDisk = count * length * MemoryLayout<Float>.stride > memoryLimit
    let plan = try BatchPlan(
      sampleCount: dataset.count, batchSize: batchSize, seed: 0, shuffles: false)
    let stream = try BatchLoader(dataset: dataset, plan: plan, transform: transform)
      .batches(epoch: 0)
    if isOnDisk {
      let file = try SpillFile(directory: directory, recordLength: length)
      var done = 0
      while let batch = try stream.next() {
        try file.append(head(batch.images))
        done += batch.count
        progress(done)
      }
      storage = .file(file)
    } else {
      var done = 0
      let all = try Tensor<Float>(latentShape.prepending(count)) { target in
        while let batch = try stream.next() {
          head(batch.images).withUnsafeBufferPointer { latents in
            _ = UnsafeMutableBufferPointer(rebasing: target[(done * length)...])
              .initialize(from: latents)
          }
          done += batch.count
          progress(done)
        }
      }
      storage = .memory(all)
    }
  }

  /// The latents of samples: `[samples] + latentShape`.
  ///
  /// - Throws: ``FeatureStoreError`` if the file cannot be read.
  public func latents(of samples: [Int]) throws -> Tensor<Float> {
    let length = latentShape.elementCount
    switch storage {
    case .memory(let all):
      return all.withUnsafeBufferPointer { source in
        Tensor(latentShape.prepending(samples.count)) { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          GatherKernel.gather(
            source, indices: samples.map(Int32.init), columns: length, into: target)
        }
      }
    case .file(let file):
      return try Tensor(latentShape.prepending(samples.count)) { target in
        for (row, sample) in samples.enumerated() {
          try file.read(
            sample,
            into: UnsafeMutableRawBufferPointer(
              UnsafeMutableBufferPointer(rebasing: target[(row * length)..<(row + 1) * length])))
        }
      }
    }
  }
}

/// Why latents cannot be kept on disk.
public struct FeatureStoreError: Error, CustomStringConvertible {
  /// What could not be done, where, and why.
  public let description: String

  init(_ action: String, _ directory: String, _ code: Int32) {
    let reason = SystemReason.of(code)
    description = "cached features cannot be \(action) in \(directory): \(reason)"
  }
}

/// Records of one length in a file without a name.
private final class SpillFile: Sendable {
  private let descriptor: Int32
  private let directory: String
  private let recordLength: Int

  init(directory: String, recordLength: Int) throws {
    self.directory = directory
    self.recordLength = recordLength
    var template = Array("\(directory)/.features-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw FeatureStoreError("created", directory, errno) }
    unlink(template)
  }

  deinit { close(descriptor) }

  func append(_ records: Tensor<Float>) throws {
    try records.withUnsafeBufferPointer { buffer in
      var rest = UnsafeRawBufferPointer(buffer)
      while !rest.isEmpty {
        let written = write(descriptor, rest.baseAddress, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          throw FeatureStoreError("written", directory, errno)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }

  func read(_ record: Int, into target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    let start = record * recordLength * MemoryLayout<Float>.stride
    while done < target.count {
      guard let base = target.baseAddress else { return }
      let count = pread(descriptor, base + done, target.count - done, off_t(start + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        throw FeatureStoreError("read back", directory, count == 0 ? EIO : errno)
      }
      done += count
    }
  }
}
