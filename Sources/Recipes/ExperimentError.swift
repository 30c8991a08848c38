public import Tensors

/// Why something cannot be trained or measured as it is.
public enum ExperimentError: Error, Equatable, CustomStringConvertible {
  /// A checkpoint says nothing of the images it was made for.
  case datasetNeeded(String)
  /// Another process trains in the folder.
  case busy(String)
  /// A run was to go on under another recipe than its own.
  case otherRecipe(path: String, differences: [String])
  /// A run was to go on though its recipe, or a file it builds on, is not what its state was trained with.
  case changedSince(path: String, differences: [String])
  /// A file that a run was built on is another by now.
  case otherParents(path: String, differences: [String])
  /// A run has not come to the end of its first epoch.
  case noFinishedEpoch(String)
  /// A recipe names no systems to set against each other.
  case benchmarkNeeded
  /// Test vectors are asked for where no program in C is written.
  case noEncoder(method: String)
  /// The program in C sends indices as the numbers they are.
  case mapping(String)
  /// The program in C protects indices by no code.
  case code(String)
  /// Tables are asked for where the method brings those it has learned.
  case ownTables(method: String)

  /// A run whose method does not fly has no flight to draw.
  case noFlights(method: String)
  /// The name of a picture does not say what it is to be.
  case pictureName(String)

  /// A recipe whose method finds no architecture.
  case notASearch(method: String)

  /// Answers are to be drawn over what is no image.
  case notImages(String)
  /// The data that a run was trained on, which its classes and images are known by, are gone.
  case ownDataMissing(run: String, reason: String)
  /// A network takes something else than images in grey or colour.
  case takesNoImages(String, Shape)
  /// A run's method sends nothing to a server.
  case nothingToOffload(String)
  /// A run's own coding is part of what it has learned.
  case codecIsFixed(String)
  /// A head alone does not say whose images it takes.
  case imagesNeeded(String)
  /// There are no images in a place.
  case noImages(String)
  /// There are no image files in a place, which may not be a run's.
  case noImageFiles(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .datasetNeeded(let name):
      "\(name) does not say what it was trained on: give --dataset and, if needed, --data-path"
    case .busy(let path):
      "another process is training in \(path); choose another --output, or wait for it"
    case .otherRecipe(let path, let differences):
      "the run in \(path) can only go on with its own recipe; `cleave train --resume \(path)` "
        + "alone takes it. They differ in:\n"
        + differences.map { "  \($0)" }.joined(separator: "\n")
    case .changedSince(let path, let differences):
      "\(path) cannot be resumed, as not all is what its state was trained with; restore it, train anew with "
        + "another --output, or go on with --allow-changes:\n"
        + differences.map { "  \($0)" }.joined(separator: "\n")
    case .otherParents(let path, let differences):
      "\(path): what it was built on has changed since, so that nothing measured now would be of this run; "
        + "restore it, or train anew:\n" + differences.map { "  \($0)" }.joined(separator: "\n")
    case .benchmarkNeeded:
      "the recipe has no section 'benchmark', which names the systems to set against each other"
    case .noEncoder(let method):
      "\(method) writes no encoder.c, which test vectors would be for; leave out --test-vectors"
    case .mapping(let mapping):
      "encoder.c sends indices as binary numbers, this run was trained with semanticnn.mapping: "
        + mapping
    case .code(let code):
      "encoder.c sends indices without a code, this run has semanticnn.code: \(code), so that its "
        + "bytes would not be those of the report; export a run with code: none"
    case .ownTables(let method):
      "\(method) exports the tables it has learned; leave out --context-bits"
    case .noFlights(let method):
      "\(method) does not fly; a flight of a run of navigator or navisplit_gate can be drawn"
    case .pictureName(let name):
      "\(name) ends neither in .png, for a map, nor in .gif, for an animation"
    case .notASearch(let method):
      "\(method) searches no architecture; `cleave search` takes a recipe of nasc, and "
        + "`cleave train` this one"
    case .nothingToOffload(let path): "\(path): this method sends nothing to a server"
    case .codecIsFixed(let path):
      "\(path): how this method's latents are coded is part of what it has learned; "
        + "leave out --codec"
    case .imagesNeeded(let path):
      "\(path) is a head alone: say whose images are sent, a run's, a file or a folder"
    case .noImages(let path):
      "\(path): expected the folder of a run, an image file, or a folder of image files"
    case .noImageFiles(let path):
      "\(path): expected an image file, or a folder of image files"
    case .ownDataMissing(let run, let reason):
      "\(run): the data it was trained on, which tell its classes and images, cannot be read: \(reason); "
        + "put them back, or say where they are in \(run)/recipe.yaml (data.path)"
    case .takesNoImages(let name, let shape):
      "\(name) takes \(shape), expected height × width × 1 or 3, the images of files; give a run, or the "
        + "file of a whole network"
    case .notImages(let dataset):
      "\(dataset) has no images in grey or colour that answers could be drawn over; leave out --html"
    case .noFinishedEpoch(let path):
      "the run in \(path) has not finished an epoch; go on with `cleave train --resume \(path)`"
    }
  }
}
