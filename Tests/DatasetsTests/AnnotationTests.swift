import Boxes
import Datasets
import Foundation
import HDF5
import Tensors
import Testing

@Suite struct AnnotationTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func maps(_ dataset: ImageDataset) throws -> [[UInt8]] {
    guard case .classMaps(_, _, let maps) = try dataset.annotation("mask").content else {
      Issue.record("no class maps")
      return []
    }
    return (0..<maps.count).map { maps.withMap($0) { Array($0) } }
  }

  // MARK: - Changes of images

  /// A changed image shows at every pixel what its map says of it.
  @Test func mapsAndBoxesFollowTheirImages() throws {
    let dataset = try ShapesDataset.dataset(
      part: .train, count: 12, seed: 4, size: 32, annotations: [.mask, .boxes, .depth])
    let augmentation = try Augmentation(flipsHorizontally: true, cropPadding: 5)
    let plan = try BatchPlan(sampleCount: 12, batchSize: 12, seed: 3, shuffles: false)
    let loader = try BatchLoader(
      dataset: dataset, plan: plan, augmentation: augmentation, transform: .identity)
    let batch = try #require(try loader.batches(epoch: 2).next())
    let original = try dataset.pixels(at: Array(0..<12))
    guard case .boxes(_, let known) = try dataset.annotation("boxes").content else { return }
    let rows = known.compactMap { $0 }
    var changed = 0
    for place in 0..<12 {
      let draw = augmentation.draw(seed: 3, epoch: 2, sample: batch.samples[place])
      if draw != .none { changed += 1 }
      // The image itself as a map: its red, moved as a map, is the batch's red.
      let red = (0..<1024).map { UInt8(original.scalars[(place * 1024 + $0) * 3]) }
      let moved = red.withUnsafeBufferPointer {
        draw.classMap($0, height: 32, width: 32, ignored: 0)
      }
      let seen = (0..<1024).map { batch.images.scalars[(place * 1024 + $0) * 3] }
      #expect(zip(moved, seen).allSatisfy { abs(Float($0) - $1) < 0.01 })
      // The box is the one around the moved object.
      let object = try maps(dataset)[place].map { $0 >= 2 ? 1 : 0 as UInt8 }
      let mask = object.withUnsafeBufferPointer {
        draw.classMap($0, height: 32, width: 32, ignored: 0)
      }
      let pixels = mask.indices.filter { mask[$0] == 1 }
      let expected = BoundingBox(
        left: Float(pixels.map { $0 % 32 }.min() ?? 0), top: Float((pixels.min() ?? 0) / 32),
        right: Float((pixels.map { $0 % 32 }.max() ?? 0) + 1),
        bottom: Float((pixels.max() ?? 0) / 32 + 1))
      #expect(draw.boxes(rows[place], height: 32, width: 32).map(\.box) == [expected])
    }
    #expect(changed > 8)
  }

  // MARK: - The shapes world

  @Test func shapesHaveTheLabelsOfTheirScenes() throws {
    let dataset = try ShapesDataset.dataset(
      part: .test, count: 20, seed: 1, size: 48, factor: .shape,
      annotations: [.mask, .boxes, .depth])
    #expect(
      dataset.annotations.map(\.name) == [
        "floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation", "scale_value",
        "attributes", "boxes", "mask", "depth",
      ])
    guard case .boxes(let names, let known) = try dataset.annotation("boxes").content,
      case .depth(let depth) = try dataset.annotation("depth").content
    else { return }
    let boxes = known.compactMap { $0 }
    #expect(names == ["cube", "cylinder", "sphere", "capsule"])
    for (sample, map) in try maps(dataset).enumerated() {
      let form = dataset.labels[sample]
      let object = map.filter { $0 >= 2 }
      // One object is seen, of the scene's form, and its area is the number of its pixels.
      #expect(Set(object) == [UInt8(2 + form)])
      #expect(boxes[sample].map(\.category) == [form])
      #expect(boxes[sample][0].area == Float(object.count))
      // The object stands before the floor and the walls.
      let distances = depth.withMap(sample) { Array($0) }
      let nearest = try #require(zip(map, distances).filter { $0.0 >= 2 }.map(\.1).min())
      let wall = try #require(zip(map, distances).filter { $0.0 == 1 }.map(\.1).min())
      #expect(nearest > 0 && nearest < wall)
    }
  }

  @Test func heldOutHuesAreNeverTrainedOn() throws {
    for part in [DatasetPart.train, .test] {
      let dataset = try ShapesDataset.dataset(
        part: part, count: 300, seed: 2, size: 8, split: .heldOutHues)
      let floor = try dataset.labelled(by: "floor_hue").labels
      let wall = try dataset.labelled(by: "wall_hue").labels
      #expect(
        zip(floor, wall).allSatisfy { ($0 >= 5 && $1 >= 5) == (part == .test) }, "\(part)")
    }
    #expect(ShapesSplit.heldOutHues.sceneCount(.test) == 120_000)
  }

  /// MTL-Split's noise by its own threshold, and what the threshold was meant to be.
  @Test func noiseDisturbsTheShareItNames() throws {
    func share(_ noise: ImageNoise) throws -> (changed: Double, light: Double) {
      let clean = try ShapesDataset.dataset(part: .train, count: 8, seed: 1)
      let noisy = try ShapesDataset.dataset(part: .train, count: 8, seed: 1, noise: noise)
      let (before, after) = (
        try clean.bytes(at: Array(0..<8)), try noisy.bytes(at: Array(0..<8))
      )
      let changed = zip(before, after).filter { $0 != $1 }.count
      return (
        Double(changed) / Double(before.count),
        Double(after.filter { $0 == 250 }.count) / Double(before.count)
      )
    }
    #expect(abs(try share(ImageNoise(.saltAndPepper)).changed - 0.08) < 0.01)
    let snpn = try share(ImageNoise(.snpn))
    #expect(abs(snpn.changed - 0.71) < 0.02 && abs(snpn.light - 0.53) < 0.02)
    #expect(throws: DatasetError.self) { try ImageNoise(.snpn, amount: 0.7) }
  }

  @Test func recipesReachTheShapesWorldsOptions() throws {
    var specification = DatasetSpecification(name: "shapes")
    specification.samples = 5
    specification.size = 16
    specification.annotations = ["mask"]
    specification.split = "held_out_hues"
    specification.noise = "salt_and_pepper"
    #expect(try specification.load(.train).annotations.map(\.name).contains("mask"))
    specification.annotations = ["masks"]
    specification.noise = "snow"
    specification.noiseAmount = 4
    let problems = specification.problems()
    specification.noise = nil
    #expect(specification.problems().map(\.key.rawValue).contains("noise_amount"))
    #expect(problems.map(\.key.rawValue) == ["annotations", "noise"])
    #expect("\(problems[0].error)".contains("did you mean 'mask'?"))
  }

  // MARK: - Groups

  @Test func classesFormGroups() throws {
    let dataset = counting(6)
    let grouped = try dataset.grouped("kind", ["vowel": [.name("a")], "other": [.index(2)]])
    let annotation = try grouped.annotation("kind")
    #expect(annotation.classNames == ["other", "vowel"])
    guard case .classes(_, let labels) = annotation.content else { return }
    #expect(labels == [1, -1, 0, 1, -1, 0])
    for groups: [String: [ClassReference]] in [
      [:], ["x": []], ["x": [.name("a")], "y": [.name("a")]], ["x": [.name("z")]],
    ] {
      #expect(throws: DatasetError.self) { try dataset.grouped("kind", groups) }
    }
    #expect(throws: DatasetError.self) { try grouped.grouped("kind", ["x": [.name("a")]]) }
  }

  // MARK: - Masks

  private func writeMask(_ bytes: [UInt8], height: Int, width: Int, _ name: String) throws {
    let grey = PixelImage(height: height, width: width, channels: 1, bytes: bytes)
    try ImageFile.write(grey, to: folder.file(name))
  }

  private func writePair(_ stem: String, mask: [UInt8], height: Int = 4, width: Int = 8) throws {
    let pixels = PixelImage(
      height: 4, width: 8, channels: 3, bytes: [UInt8](repeating: 9, count: 96))
    try ImageFile.write(pixels, to: folder.file("images/\(stem).png"))
    try writeMask(mask, height: height, width: width, "masks/\(stem).png")
  }

  private func loadMasks(_ change: (inout DatasetSpecification) -> Void = { _ in }) throws
    -> ImageDataset
  {
    var specification = DatasetSpecification(name: "mask-folder")
    specification.images = folder.path + "/images"
    specification.masks = folder.path + "/masks"
    specification.classNames = ["ground", "thing"]
    change(&specification)
    return try specification.load(.test)
  }

  @Test func masksAreReadBesideTheirImages() throws {
    let half = [UInt8](repeating: 0, count: 16) + [UInt8](repeating: 1, count: 15) + [255]
    try writePair("one", mask: half)
    let dataset = try loadMasks()
    #expect(try maps(dataset) == [half])
    #expect(dataset.classNames == ["ground", "thing"] && dataset.imageShape == [4, 8, 3])
    // In another size, what is beside the image has no class.
    let placed = try maps(loadMasks { $0.size = 8 })[0]
    #expect(placed.count == 64)
    #expect(placed[0..<16].allSatisfy { $0 == 255 } && placed[16..<32].allSatisfy { $0 == 0 })
  }

  @Test func badMasksAreNamed() throws {
    func message(_ change: (inout DatasetSpecification) -> Void = { _ in }) throws -> String {
      let error = #expect(throws: DatasetError.self) { try loadMasks(change) }
      return "\(try #require(error))"
    }
    try writePair("one", mask: [UInt8](repeating: 3, count: 32))
    #expect(
      try message().contains(
        "one.png: sample 0, row 0, column 0: expected a class from 0 to 1, or 255 for none, found 3"
      ))
    try writePair("one", mask: [UInt8](repeating: 0, count: 16), height: 2)
    #expect(try message().contains("one.png: size: expected 4×8 as its image, found 2×8"))
    try writePair("one", mask: [UInt8](repeating: 0, count: 32))
    try writeMask([0], height: 1, width: 1, "masks/two.png")
    #expect(try message().contains("two.png: mask: expected an image of its name"))
    #expect(
      try message { $0.masks = folder.path + "/mask" }.contains("mask"))
    let half = try message {
      $0.testImages = $0.images
      $0.testMasks = nil
    }
    #expect(half.contains("test_masks") && half.contains("both masks and test_masks, or neither"))
  }

  // MARK: - HDF5

  private func writeArrays(masks: [UInt8], depth: [Int32], _ shape: [Int] = [2, 2, 3]) throws
    -> DatasetSpecification
  {
    let path = try folder.file("room.h5")
    let file = try HDF5File(creating: path)
    try file.write([UInt8](repeating: 7, count: 2 * 2 * 3 * 3), to: "x", shape: [2, 2, 3, 3])
    try file.write(masks, to: "m", shape: shape)
    try file.write(depth, to: "d", shape: [2, 2, 3])
    try file.close()
    var specification = DatasetSpecification(name: "hdf5", path: path)
    specification.images = "x"
    specification.masks = "m"
    specification.depth = "d"
    specification.ignored = 11
    specification.depthScale = 0.001
    return specification
  }

  @Test func mapsAndDistancesAreReadFromHDF5() throws {
    let masks: [UInt8] = [0, 1, 2, 2, 2, 11, 11, 11, 11, 0, 0, 0]
    let depth: [Int32] = [0, 1000, 2500, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    let dataset = try writeArrays(masks: masks, depth: depth).load(.test)
    #expect(try maps(dataset) == [Array(masks[0..<6]), Array(masks[6...])])
    // Without labels, the most frequent class of the map.
    #expect(dataset.labels == [2, 0] && dataset.classNames == ["0", "1", "2"])
    guard case .depth(let distances) = try dataset.annotation("depth").content else { return }
    #expect(distances.withMap(0) { $0[1] } == 1 && distances.withMap(0) { $0[2] } == 2.5)
  }

  @Test func badMapsInHDF5AreNamed() throws {
    let depth = [Int32](repeating: 1, count: 12)
    func message(_ specification: DatasetSpecification) throws -> String {
      let error = #expect(throws: DatasetError.self) { try specification.load(.test) }
      return "\(try #require(error))"
    }
    var specification = try writeArrays(
      masks: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0], depth: depth)
    specification.classNames = ["a", "b"]
    #expect(
      try message(specification).contains(
        "sample 1, row 1, column 1: expected a class from 0 to 1, or 11 for none, found 5"))
    specification = try writeArrays(
      masks: [UInt8](repeating: 0, count: 12), depth: depth, [2, 3, 2])
    #expect(
      try message(specification).contains(
        "size of masks: expected 2×3 as the images have, found 3×2"))
    specification = try writeArrays(
      masks: [UInt8](repeating: 0, count: 12), depth: [-5] + depth.dropFirst())
    #expect(
      try message(specification).contains("sample 0, row 0, column 0: expected a finite distance"))
  }
}
