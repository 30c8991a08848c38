package import Checkpoints
internal import Datasets
internal import Foundation
internal import Tasks

extension Checkpoint {
  /// The name of the document that holds the classes of tasks.
  private static let taskClasses = "task_classes"

  /// Keeps the classes that a method answers with: those of the data set, and those of its tasks.
  ///
  /// - Throws: what keeps the data set from being read.
  package mutating func setClasses(of method: any Method, on data: DataProvider) throws {
    classNames = try data.test().classNames
    guard let tasks = method.tasks else { return }
    var names: [String: [String]] = [:]
    for (configuration, task) in zip(tasks.configurations, tasks.tasks)
    where !task.classNames.isEmpty {
      names[configuration.annotation] = task.classNames
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    documents[Checkpoint.taskClasses] = String(decoding: try encoder.encode(names), as: UTF8.self)
  }

  /// Has data numbered as the classes that ``setClasses(of:on:)`` has kept.
  ///
  /// - Parameter owner: what to call the checkpoint in messages.
  /// - Throws: `DatasetError.classes` if the data have a class that is not among them, or what keeps the
  ///   document from being understood.
  package func expectClasses(of data: DataProvider, owner: String) throws {
    if let classNames {
      try data.expect(ClassList(owner: owner, names: classNames))
    }
    guard let text = documents[Checkpoint.taskClasses] else { return }
    let names = try JSONDecoder().decode([String: [String]].self, from: Data(text.utf8))
    for (annotation, names) in names.sorted(by: { $0.key < $1.key })
    where annotation != ImageDataset.classAnnotation {
      try data.expect(ClassList(owner: owner, names: names), of: annotation)
    }
  }
}
