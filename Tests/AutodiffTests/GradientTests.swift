import Autodiff
import Foundation
import Tensors
import Testing

@Suite struct GradientTests {
  /// Operations whose gradient is an estimate by design; their names say so.
  static let differentiable = OperationCase.all.filter {
    !$0.typeName.hasPrefix("StraightThrough")
  }

  @Test(arguments: differentiable) func gradientsEqualCentralDifferences(_ item: OperationCase) {
    let check = GradientCheck(item.operation, at: item.inputs, requiring: item.requiring)
    #expect(check.elementError() <= 1e-6)
    #expect(check.directionalError() <= 1e-6)
  }

  @Test(arguments: OperationCase.all) func onlyRequiredGradientsAreComputed(_ item: OperationCase) {
    let check = GradientCheck(item.operation, at: item.inputs, requiring: item.requiring)
    #expect(check.pullbackGradients(requiring: item.inputs.map { _ in false }) == nil)
    let full = check.pullbackGradients(requiring: item.requiring)
    for position in item.inputs.indices where item.requiring[position] {
      let alone = check.pullbackGradients(requiring: item.inputs.indices.map { $0 == position })
      for other in item.inputs.indices {
        guard other == position else {
          #expect(alone?[other] == nil)
          continue
        }
        // A shorter way to a single gradient may sum in another order.
        let (gradient, expected) = (alone?[other]?.scalars, full?[position]?.scalars)
        #expect(gradient?.count == expected?.count)
        for (one, two) in zip(gradient ?? [], expected ?? []) {
          #expect((one - two).magnitude <= 1e-12 * (1 + two.magnitude))
        }
      }
    }
  }

  @Test(arguments: OperationCase.all.filter { $0.typeName.hasPrefix("StraightThrough") })
  func straightThroughGradientsAreThatOfTheIdentity(_ item: OperationCase) {
    let check = GradientCheck(item.operation, at: item.inputs, requiring: item.requiring)
    let identity = GradientCheck(ScaleShift(), at: item.inputs, requiring: item.requiring)
    #expect(
      check.pullbackGradients(requiring: item.requiring)
        == identity.pullbackGradients(requiring: item.requiring))
  }

  @Test(arguments: OperationCase.all) func resultsDoNotDependOnTheThreadCount(
    _ item: OperationCase
  ) {
    func run(threads: Int) -> [Tensor<Double>?] {
      ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        let evaluation = item.operation.evaluate(item.inputs, requiring: item.requiring)
        return [evaluation.value] + (evaluation.pullback?(evaluation.value) ?? [])
      }
    }
    // Sums over a batch are added up by chunk, so that only their rounding may differ.
    for (alone, shared) in zip(run(threads: 1), run(threads: 3)) {
      let left = alone?.scalars ?? []
      let right = shared?.scalars ?? []
      let scale = left.map(\.magnitude).max() ?? 0
      #expect(left.count == right.count)
      #expect(zip(left, right).allSatisfy { abs($0 - $1) <= 1e-13 * scale })
    }
  }

  @Test func everyOperationOfTheCatalogHasACase() {
    #expect(Set(OperationCase.all.map(\.typeName)) == Set(OperationCatalog.names))
  }

  @Test func theCatalogIsSortedAndHasNoDuplicates() {
    #expect(OperationCatalog.names == Set(OperationCatalog.names).sorted())
  }

  /// Reads the sources, since a program cannot list the types that conform to a protocol.
  @Test func everyOperationOfTheSourcesIsInTheCatalog() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let sources = root.appending(path: "Sources/Autodiff")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var found: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /struct\s+(\w+)\s*:[^{]*\bOperation\b/) {
        found.insert(String(match.1))
      }
    }
    #expect(found == Set(OperationCatalog.names))
  }
}
