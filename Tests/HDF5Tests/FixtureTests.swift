import Foundation
import HDF5
import Testing

/// Reads what `Fixtures/make_fixtures.py` wrote with h5py; the expected values stand there.
@Suite struct FixtureTests {
  @Test func kerasAttributesAreRead() throws {
    let file = try HDF5File(reading: fixturePath)
    let config = try file.string(attribute: "model_config")
    #expect(config == #"{"class_name": "Functional", "note": "größer"}"#)
    let backend = try file.string(attribute: "backend")
    #expect(backend == "tensorflow")
    let weights = try file.group("model_weights")
    let layers = try weights.strings(attribute: "layer_names")
    #expect(layers == ["conv2d", "dense_1"])
    let layerType = try weights.attributeType("layer_names")
    #expect(layerType == .fixedString(byteCount: 7))
    let conv = try weights.group("conv2d")
    let split = try conv.splitStrings(attribute: "weight_names")
    #expect(split == ["conv2d/kernel:0", "conv2d/bias:0", "x"])
    let none = try weights.group("dense_1").splitStrings(attribute: "weight_names")
    #expect(none == [])
    let epsilon = try conv.number(attribute: "epsilon", as: Double.self)
    #expect(epsilon == 0.001)
    let strides = try conv.numbers(attribute: "strides", as: Int.self)
    #expect(strides == [2, 1])
    #expect(
      thrown { () throws(HDF5Error) in _ = try weights.splitStrings(attribute: "weight_names") }
        == .missingAttribute(weights.location, name: "weight_names", nearest: nil))
  }

  @Test func datasetsOfEveryLayoutAreRead() throws {
    let file = try HDF5File(reading: fixturePath)
    let kernel = try file.dataset("model_weights/conv2d/conv2d/kernel:0")
    let values = try kernel.read(as: Float.self)
    #expect(values == (0..<24).map(Float.init) && kernel.shape == [2, 3, 4])
    let bias = try file.dataset("/model_weights/conv2d/conv2d/bias:0")
    let biasValues = try bias.read(as: Float.self)
    #expect(bias.elementType == .float16 && biasValues == [1.5, -2.5])
    let gzip = try file.dataset("data/gzip")
    let grid = try gzip.read(rows: 6..<9, as: Int32.self)
    #expect(gzip.filters == [.shuffle, .gzip] && gzip.chunkShape == [7, 11])
    #expect(grid == (180..<270).map(Int32.init))
    let checked = try file.dataset("data/checksum").read(as: Int64.self)
    #expect(checked == (0..<120).map(Int64.init))
    let swapped = try file.dataset("data/big_endian")
    let swappedValues = try swapped.read(as: Int32.self)
    #expect(swapped.elementType == .int16 && swappedValues == [1, 256, -3])
    let compact = try file.dataset("data/compact").read(as: UInt8.self)
    #expect(compact == [3, 1, 2])
    let texts = try file.dataset("data/texts")
    let textValues = try texts.readStrings()
    #expect(texts.elementType == .variableString && textValues == ["alpha", "", "größer"])
  }

  /// Bytes of other programs in front, as every MATLAB 7.3 file has, which addresses do not count.
  ///
  /// - Parameter isKnown: whether the superblock says where it is; it does not if the bytes were put in
  ///   front of a finished file.
  @Test(arguments: [512, 1024, 2048, 16384], [true, false])
  func aUserBlockIsPassedOver(size: Int, isKnown: Bool) throws {
    let directory = try TemporaryDirectory()
    var content = try bytes(of: fixturePath)
    if isKnown {
      // Version 0 of the superblock has the base address at byte 24 and the end of the file at 40.
      #expect(content[8] == 0)
      let end = UInt64(content.count + size)
      content.replaceSubrange(24..<32, with: (0..<8).map { UInt8(UInt64(size) >> (8 * $0) & 255) })
      content.replaceSubrange(40..<48, with: (0..<8).map { UInt8(end >> (8 * $0) & 255) })
    }
    let text = "MATLAB 7.3 MAT-file".utf8
    content = Array(text) + [UInt8](repeating: 32, count: size - text.count) + content
    let path = try directory.file(holding: content)
    let file = try HDF5File(reading: path)
    let kernel = try file.dataset("model_weights/conv2d/conv2d/kernel:0").read(as: Float.self)
    #expect(kernel == (0..<24).map(Float.init))
    let grid = try file.dataset("data/gzip").read(rows: 6..<9, as: Int32.self)
    #expect(grid == (180..<270).map(Int32.init))
    let texts = try file.dataset("data/texts").readStrings()
    #expect(texts == ["alpha", "", "größer"])
    let config = try file.string(attribute: "model_config")
    #expect(config.hasSuffix(#""größer"}"#))
    let short = try directory.file("short.h5", holding: Array(content.dropLast()))
    #expect(
      thrown { () throws(HDF5Error) in _ = try HDF5File(reading: short) }
        == .truncatedFile(short, expected: content.count, found: content.count - 1))
  }

  @Test func whatCannotBeReadIsRefused() throws {
    let file = try HDF5File(reading: fixturePath)
    func error(_ name: String) -> HDF5Error? {
      thrown { () throws(HDF5Error) in _ = try file.dataset("data/" + name).read(as: Float.self) }
    }
    func place(_ name: String) -> HDF5Location {
      HDF5Location(file: fixturePath, object: "/data/" + name)
    }
    #expect(
      error("lzf") == .unsupportedStorage(place("lzf"), found: "filter lzf (number 32000)"))
    // 2²⁰ × 64 numbers of 8 bytes, none of which was ever written.
    #expect(
      error("unwritten")
        == .implausibleSize(place("unwritten"), claimedBytes: 1 << 29, storedBytes: 0))
    #expect(
      error("bool") == .wrongType(place("bool"), expected: "numbers", found: "enumeration"))
    #expect(
      error("complex") == .wrongType(place("complex"), expected: "numbers", found: "compound"))
  }

  @Test func linksAreListedWithWhatTheyLeadTo() throws {
    let file = try HDF5File(reading: fixturePath)
    let links = try file.group("links").links()
    #expect(
      links == [
        HDF5Link(name: "circle", kind: .softLink(target: "/links/circle")),
        HDF5Link(name: "dangling", kind: .softLink(target: "/nowhere")),
        HDF5Link(name: "external", kind: .externalLink(file: "other.h5")),
        HDF5Link(name: "self", kind: .group),
        HDF5Link(name: "soft", kind: .softLink(target: "/data/compact")),
        HDF5Link(name: "through", kind: .softLink(target: "/links/external")),
      ])
    let paths = try file.datasetPaths()
    #expect(paths.count == 11)
    #expect(paths.first == "data/big_endian")
    #expect(paths.last == "model_weights/conv2d/conv2d/kernel:0")
  }

  @Test func softLinksAreFollowedWithinTheFileOnly() throws {
    // The file that the external link names is there: it must be refused, not missed.
    let directory = try TemporaryDirectory()
    let path = directory.file("fixture.h5")
    try FileManager.default.copyItem(atPath: fixturePath, toPath: path)
    let other = try HDF5File(creating: directory.file("other.h5"))
    try other.write([1 as Float], to: "secret", shape: [1])
    try other.close()

    let file = try HDF5File(reading: path)
    let values = try file.dataset("links/self/soft").read(as: Int.self)
    #expect(values == [3, 1, 2])
    let error = HDF5Error.externalLink(
      HDF5Location(file: path, object: "/links/external"), target: "other.h5")
    for name in ["external", "through", "external/deeper"] {
      #expect(thrown { () throws(HDF5Error) in _ = try file.dataset("links/" + name) } == error)
      #expect(thrown { () throws(HDF5Error) in _ = try file.contains("links/" + name) } == error)
    }
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.dataset("links/circle") }
        == .linkCycle(HDF5Location(file: path, object: "/links/circle")))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.dataset("links/dangling") }
        == .missingObject(HDF5Location(file: path, object: "/nowhere"), nearest: nil))
  }

  @Test func existenceIsToldWithoutErrors() throws {
    let file = try HDF5File(reading: fixturePath)
    for (path, isThere) in [
      ("data", true), ("data/gzip", true), ("/data/./gzip", true), ("data/none", false),
      ("none/none", false), ("data/gzip/none", false), ("links/dangling", false), ("/", true),
    ] {
      let found = try file.contains(path)
      #expect(found == isThere, "\(path)")
    }
  }

  @Test func aMisspeltPathNamesTheNearest() throws {
    let file = try HDF5File(reading: fixturePath)
    let error = thrown { () throws(HDF5Error) in _ = try file.dataset("model_weight/conv2d") }
    #expect(
      error?.description
        == "\(fixturePath):/model_weight: no such object (did you mean 'model_weights'?)")
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.dataset("data") }
        == .wrongKind(
          HDF5Location(file: fixturePath, object: "/data"), expected: "a dataset",
          found: "a group"))
    #expect(
      thrown { () throws(HDF5Error) in _ = try file.group("data/gzip") }
        == .wrongKind(
          HDF5Location(file: fixturePath, object: "/data/gzip"), expected: "a group",
          found: "a dataset"))
  }
}
