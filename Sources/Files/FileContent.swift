/// Kind of a file, told by its content; its name plays no part.
package enum FileContent: Hashable, Sendable {
  /// There is nothing at the path.
  case missing
  /// The path cannot be read, in the system's words.
  case unreadable(String)
  /// A folder; `isSavedModel` if it is one that TensorFlow saved a model in.
  case folder(isSavedModel: Bool)
  /// A device, a pipe or a socket, whose content cannot be looked at without taking it.
  case device
  /// A file without bytes.
  case empty
  /// An HDF5 file, of Keras or others, also behind a user block.
  case hdf5
  /// A `.keras` archive of Keras 3.
  case kerasArchive
  /// What `torch.save` writes: an archive, or a bare pickle by versions before 1.6.
  case torch(isArchive: Bool)
  /// What `torch.jit.save` writes.
  case torchScript
  /// A pickle of Python of any other kind.
  case pickle
  /// What `numpy.save` writes.
  case numpyArray
  /// What `numpy.savez` writes.
  case numpyArchive
  /// Any other zip archive.
  case zip
  /// A model in ONNX.
  case onnx
  /// Tensors in the layout of the library safetensors.
  case safetensors
  /// A TensorFlow Lite model.
  case tensorFlowLite
  /// A graph of TensorFlow, or the description of a model that it saved.
  case tensorFlowGraph
  /// A model in GGUF.
  case gguf
  /// A compressed file, by the name of its format.
  case compressed(String)
  /// A picture, by the name of its format.
  case image(String)
  /// What this toolkit wrote, by what it is.
  case own(String)
  /// The description of a Keras model in JSON.
  case kerasDescription
  /// A page of the web, as a failed transfer leaves one.
  case webPage
  /// The stand-in of a file that Git LFS keeps elsewhere.
  case gitPointer
  /// Text in JSON.
  case json
  /// Text in UTF-16.
  case wideText
  /// Any other text in UTF-8; with its first line.
  case text(String)
  /// Something else; with its first bytes.
  case unknown([UInt8])
}

extension FileContent: CustomStringConvertible {
  /// What the file is, as in "found …".
  package var description: String {
    switch self {
    case .missing: "nothing"
    case .unreadable(let reason): "a file that cannot be read: \(reason)"
    case .folder(true): "a SavedModel folder of TensorFlow"
    case .folder(false): "a folder"
    case .device: "no regular file"
    case .empty: "an empty file"
    case .hdf5: "an HDF5 file"
    case .kerasArchive: "a .keras archive of Keras 3"
    case .torch(true): "a PyTorch file (a zip archive)"
    case .torch(false): "a PyTorch file (a pickle)"
    case .torchScript: "a TorchScript model (a zip archive)"
    case .pickle: "a pickle of Python"
    case .numpyArray: "a NumPy array (.npy)"
    case .numpyArchive: "an archive of NumPy arrays (.npz)"
    case .zip: "a zip archive"
    case .onnx: "an ONNX model"
    case .safetensors: "a safetensors file"
    case .tensorFlowLite: "a TensorFlow Lite model"
    case .tensorFlowGraph: "a TensorFlow graph (.pb)"
    case .gguf: "a GGUF model"
    case .compressed(let format): "a \(format) file (decompress it first)"
    case .image(let format): "\(format == "AVIF" ? "an" : "a") \(format) image"
    case .own(let what): what
    case .kerasDescription: "the description of a Keras model in JSON, without its weights"
    case .webPage: "a web page"
    case .gitPointer: "a pointer of Git LFS in place of the file (`git lfs pull` fetches it)"
    case .json: "JSON"
    case .wideText: "text in UTF-16 (save it as UTF-8)"
    case .text(let line): "text starting '\(line)'"
    case .unknown(let bytes):
      "a file of unknown kind (bytes "
        + bytes.map { byte in
          let digits = String(byte, radix: 16)
          return digits.utf8.count < 2 ? "0" + digits : digits
        }.joined(separator: " ") + ")"
    }
  }

  /// Whether it is text that may be a recipe.
  package var isText: Bool {
    switch self {
    case .json, .kerasDescription, .text, .webPage, .gitPointer: true
    default: false
    }
  }
}
