import Foundation
import Testing

@Suite struct DataCommandTests {
  @Test func listNamesEveryKindOfDataSet() throws {
    let folder = try TemporaryFolder()
    let rows = try #require(
      folder.cleave("data list --json").object()["datasets"] as? [[String: Any]])
    let fetchable = rows.filter { $0["fetchable"] as? Bool == true }
      .compactMap { $0["name"] as? String }
    #expect(fetchable == ["fashion-mnist", "cifar10", "cifar100"])
    #expect(
      rows.compactMap { $0["name"] as? String }.dropFirst(3) == [
        "idx", "hdf5", "image-folder", "mask-folder", "coco", "shapes", "drone",
        "text",
      ])
    let table = try folder.cleave("data list")
    #expect(table.status == 0)
    #expect(table.output.contains("CIFAR-10, 60,000 colour images"))
    #expect(table.output.contains("not fetched"))
    #expect(table.output.contains(folder.path + "/data"))
  }

  @Test(arguments: ["fetch", "verify"])
  func anUnknownNameGetsTheNearest(command: String) throws {
    let folder = try TemporaryFolder()
    let result = try folder.cleave("data \(command) cifar11")
    #expect(result.status == 1)
    #expect(result.errors == "error: unknown data set 'cifar11'; did you mean 'cifar10'?\n")
    #expect(try folder.contents(".") == [])
  }

  @Test func whatWasNotFetchedIsSaidToBeMissing() throws {
    let folder = try TemporaryFolder()
    let result = try folder.cleave("data verify cifar10")
    #expect(result.status == 1)
    #expect(result.errors.contains("cifar10 has not been fetched to \(folder.path)/data/cifar10"))
  }

  @Test func aDamagedFileIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.writeFashionMNIST(to: "kept/fashion-mnist")
    try folder.write([1, 2, 3], to: "kept/fashion-mnist/train-images-idx3-ubyte.gz")
    let result = try folder.cleave("data verify fashion-mnist --directory kept --json")
    #expect(result.status == 1, "\(result.testDescription)")
    #expect(try result.object()["intact"] as? Bool == false)
    let states = try #require(result.object()["files"] as? [String: String])
    let damaged = states.first { $0.key.hasSuffix("train-images-idx3-ubyte.gz") }
    #expect(damaged?.value.contains("damaged") == true)
    #expect(result.errors.contains("fashion-mnist is damaged"))
  }
}
