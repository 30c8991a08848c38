public import Codecs
internal import Crypto
internal import Files
internal import Foundation
public import Networks
public import Tensors

/// What `manifest.json` beside exported models says of them.
public struct ExportManifest: Codable, Hashable, Sendable {
  /// The format of a manifest, by which a directory is known to hold an export.
  public static let format = "cleave-export"

  /// The version of the format this code writes.
  public static let formatVersion = 2

  /// The name of the file.
  public static let fileName = "manifest.json"

  /// A value that goes into a model or comes out of it.
  public struct Value: Codable, Hashable, Sendable {
    /// Its name in the models.
    public var name: String
    /// The extents for one sample, in the order of ``layout`` without the batch.
    public var shape: Shape
    /// The axes in order: `NCHW` for images, `NC` for features, else `N` and numbers.
    public var layout: String
    /// What the numbers of the output that tells the classes are: `logits`, `probabilities`, or
    /// `independent_probabilities`, of which a single one is that of the second of two classes.
    public var meaning: OutputMeaning?

    init(_ name: String, _ shape: Shape, meaning: OutputMeaning? = nil) {
      let exported = SampleLayout(shape)
      self.name = name
      self.shape = Shape(exported.dimensions)
      self.meaning = meaning
      layout =
        switch shape.rank {
        case 3: "NCHW"
        case 1: "NC"
        default: "N" + (0..<shape.rank).map(String.init).joined()
        }
    }
  }

  /// The images that the network takes, before ``ExportManifest/inputTransform``.
  public struct Image: Codable, Hashable, Sendable {
    /// Rows.
    public var height: Int
    /// Columns.
    public var width: Int
    /// 1 for grey, 3 for red, green and blue in this order.
    public var channels: Int
    /// The least and the greatest value of a pixel.
    public var range: [Double]
    /// Way in which images of other sizes are brought to that one; nil if the data had one size.
    public var sizing: ImageSizing?

    init(_ shape: Shape, sizing: ImageSizing?) {
      (height, width, channels) = (shape[0], shape[1], shape[2])
      range = [0, 255]
      self.sizing = sizing
    }
  }

  /// Coding of a latent as the bytes that are sent.
  public struct Codec: Codable, Hashable, Sendable {
    /// The name of the codec.
    public var name: String
    /// Its number in a stream.
    public var number: Int
    /// Its settings.
    public var settings: [String: CodecDescription.Setting]
    /// The output of the head that is sent.
    public var output: String
    /// The extents of the latent in the order in which a stream has its values.
    public var shape: Shape
    /// The axes of the shape in order, of which the last runs fastest.
    ///
    /// `HWC` for images, which the models have as `CHW`; `C` for features, else numbers.
    public var axes: String

    init(_ codec: CodecDescription, of output: String, _ shape: Shape) {
      name = codec.name
      number = codec.number
      settings = codec.settings
      self.output = output
      self.shape = shape
      axes = ExportManifest.axes(of: shape)
    }
  }

  /// The axes of a value as the toolkit has it.
  static func axes(of shape: Shape) -> String {
    switch shape.rank {
    case 3: "HWC"
    case 1: "C"
    default: (0..<shape.rank).map(String.init).joined()
    }
  }

  /// One file.
  public struct File: Codable, Hashable, Sendable {
    /// The name in the directory.
    public var name: String
    /// The size in bytes.
    public var bytes: Int
    /// The SHA-256 of the content in hexadecimal.
    public var sha256: String

    init(name: String, content: [UInt8]) {
      self.name = name
      bytes = content.count
      sha256 = SHA256.hash(data: content).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }
  }

  /// One half of the network.
  public struct Part: Codable, Hashable, Sendable {
    /// What it takes.
    public var input: Value
    /// What it takes besides, if anything, which is not sent.
    public var sideInputs: [Value]?
    /// What it gives.
    public var outputs: [Value]
    /// Multiply-accumulates for one sample.
    public var macs: Int
    /// Numbers in the parameters, statistics included, before batch norms are folded.
    public var parameters: Int
    /// The model in single precision.
    public var float: File
    /// The model of 8-bit integers.
    public var integer: File
  }

  /// One of several tasks that the server answers, and the model that answers it alone.
  public struct Task: Codable, Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// What sort of task it is.
    public var kind: String
    /// The classes, categories or values in the order of its answers.
    public var classNames: [String]
    /// How its answers are to be read, as names and numbers.
    public var settings: [String: Double]
    /// The model; its outputs are among those of ``ExportManifest/tail`` under the same names.
    public var part: Part
  }

  /// Where a network may answer early, and when it does.
  ///
  /// The exits are asked in their order, those of the device before anything is sent.
  public struct Exit: Codable, Hashable, Sendable {
    /// The output of the head, or of the tail, with the logits of the exit.
    public var output: String
    /// The output with what its learned unit says, if its rule is `learned`.
    public var gate: String?
    /// `device` or `server`.
    public var place: String
    /// How sure it is: `max_softmax`, `entropy`, `margin` or `learned`.
    public var rule: String
    /// What logits are divided by first.
    public var temperature: Double
    /// How sure it has to be at least; above 1 for never.
    public var threshold: Double

    /// Describes an exit.
    public init(
      output: String, gate: String?, place: String, rule: String, temperature: Double,
      threshold: Double
    ) {
      self.output = output
      self.gate = gate
      self.place = place
      self.rule = rule
      self.temperature = temperature
      self.threshold = threshold
    }
  }

  /// One of several ways to cut the work, of which the device picks one for each image.
  public struct Branch: Codable, Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// The part for the device.
    public var head: Part
    /// The part for the server.
    public var tail: Part
    /// What bytes between the quantised models mean.
    public var cutQuantization: QuantizationParameters
    /// What bytes between the models in single precision mean, if they are to be sent in 8 bits.
    public var latentQuantization: QuantizationParameters?
  }

  /// A network by which the device decides.
  public struct Policy: Codable, Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// What it observes.
    public var input: Value
    /// What it decides.
    public var output: Value
    /// The model in single precision.
    public var model: File
    /// How observations are made and decisions are read, as names and numbers.
    public var settings: [String: Double]
    /// The same in words.
    public var facts: [String: String]
  }

  /// The device's part as a program of integers in C.
  public struct Encoder: Codable, Hashable, Sendable {
    /// One file of C99 that needs nothing else.
    public var source: File
    /// What a step of an input byte is.
    public var inputScale: Float
    /// The input byte that stands for 0, with a sign.
    public var inputZeroPoint: Int
    /// What the indices stand for.
    public var centers: [Float]
    /// How many indices an image has.
    public var indices: Int
    /// The extents of the indices in their order, of which the last runs fastest.
    public var shape: Shape
    /// The axes of these: `HWC` for images.
    public var axes: String
    /// The bits of an index, the first in the lowest bits of the first byte.
    public var bits: Int
    /// Bytes of an image's packed indices.
    public var bytes: Int
    /// Bytes of weights and tables.
    public var flashBytes: Int
    /// Bytes of all values that are alive at once; the stack comes on top.
    public var ramBytes: Int
    /// Multiply-accumulates for an image.
    public var macs: Int
    /// What a small microcontroller has room for, in bytes.
    public var flashBudget: Int
    /// What it can keep at work, in bytes.
    public var ramBudget: Int
    /// What is beyond that, if anything is.
    public var excess: String?
    /// How many images are beside the file, as bytes, with the indices it gives for them.
    public var testVectors: Int?
  }

  /// ``ExportManifest/format``.
  public var format = ExportManifest.format
  /// The version of the format.
  public var formatVersion = ExportManifest.formatVersion
  /// What wrote the export.
  public var producer = ONNXModel.producer
  /// The version of what wrote it.
  public var producerVersion: String
  /// The version of ONNX's operators.
  public var operatorSet = ONNXModel.operatorSet
  /// The part for the device; the whole network if there is no tail.
  public var head: Part
  /// The part for the server; nil for a network that is not cut.
  public var tail: Part?
  /// What the server answers if it is several tasks.
  public var tasks: [Task]?
  /// Where it may be answered early, if anywhere.
  public var exits: [Exit]?
  /// Other ways to cut the work, if the device picks one for each image; the one that `head` and `tail`
  /// are is among them.
  public var branches: [Branch]?
  /// What the device decides by, if it does.
  public var policies: [Policy]?
  /// The images that are taken; nil for a network that takes none.
  public var image: Image?
  /// What is done to pixels from 0 to 255 before the head.
  public var inputTransform: InputTransform
  /// The classes in the order of the numbers in the tail's output that has a meaning, nil for one without
  /// a name; empty if none has one.
  public var classNames: [String?]
  /// Meaning of bytes between the quantised parts: the quantised head gives only numbers they stand for;
  /// nil for a network that is not cut.
  public var cutQuantization: QuantizationParameters?
  /// Coding of the latent; nil if nothing is sent, or not as a latent.
  public var codec: Codec?
  /// The device's part in C, if it sends indices of centres.
  public var encoder: Encoder?
  /// The calibrated tables of the codec between the parts, if there are.
  public var codecTables: File?
  /// Where the network comes from, in the words of whoever exported it.
  public var provenance: [String: String]
}

extension ExportManifest {
  /// The manifest as its file has it.
  ///
  /// - Throws: ``ExportError`` if a number is none of JSON.
  public func json() throws(ExportError) -> String {
    String(decoding: try ExportDirectory.encode(self), as: UTF8.self)
  }

  /// Reads the manifest of a bundle.
  ///
  /// - Throws: ``ExportError/inaccessible(path:reason:)`` if there is none or it is damaged.
  public init(directory: String) throws(ExportError) {
    let path = "\(directory)/\(ExportManifest.fileName)"
    let data: Data
    do throws(FileError) { data = Data(try WholeFile.read(path)) } catch {
      throw ExportError(error)
    }
    do {
      self = try ExportDirectory.decoder.decode(ExportManifest.self, from: data)
    } catch {
      throw .inaccessible(
        path: path, reason: "no manifest of an export: \(DecodingFlaw.words(error, in: data))")
    }
  }

  /// The codec's tables beside the manifest, if it names any.
  ///
  /// - Throws: ``ExportError/inaccessible(path:reason:)`` if they are missing or not those that were
  ///   written.
  public func readCodecTables(in directory: String) throws(ExportError) -> [UInt8]? {
    guard let file = codecTables else { return nil }
    // The name is a constant: a manifest does not say which file of the machine is read.
    let path = "\(directory)/\(ExportBundle.tablesName)"
    let data: [UInt8]
    do throws(FileError) { data = try WholeFile.read(path) } catch { throw ExportError(error) }
    guard File(name: file.name, content: data) == file else {
      throw .inaccessible(
        path: path, reason: "its size or SHA-256 is not what \(ExportManifest.fileName) says")
    }
    return data
  }
}
