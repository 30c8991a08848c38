public import Datasets
public import Training

extension Experiment {
  /// Writes both parts of a recipe's data set into one HDF5 file, from which `data.name: hdf5` reads it.
  ///
  /// - Throws: what keeps the data set from being read or the file from being written.
  public static func writeData(
    _ recipe: Recipe, to file: String, observer: any TrainingObserver
  ) throws -> [HDF5Arrays.Written] {
    let provider = provider(of: recipe, observer: observer)
    return try HDF5Arrays.write(
      [("train", try provider.whole()), ("test", try provider.test())], to: file)
  }
}
