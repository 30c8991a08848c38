import Foundation
import Testing

@Suite struct CheckpointCommandTests {
  @Test func inspectListsLayersAndValidCuts() throws {
    let folder = try TemporaryFolder.withRun()
    let json = try folder.cleave("inspect run/best.h5 --json").object()
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.first?["name"] as? String == "conv1")
    // 3×3 windows over 3 channels into 16.
    #expect(layers.first?["parameters"] as? Int == 432)
    // … at each of 16×16 places.
    #expect(layers.first?["macs"] as? Int == 110_592)
    let cuts = try #require(json["cutPoints"] as? [[String: Any]])
    let cut = try #require(cuts.first { $0["name"] as? String == "layer1.0.relu2" })
    #expect(cut["shape"] as? [Int] == [16, 16, 16])
    #expect(cut["bytes"] as? Int == 16 * 16 * 16 * 4)
    // conv1, two 3×3 convolutions of 16 channels, each with batch norm's four vectors of 16.
    #expect(cut["headParameters"] as? Int == 432 + 2 * 2304 + 3 * 64)
    #expect(cut["headMACs"] as? Int == 110_592 + 2 * 589_824)
    for key in ["tailMACs", "tailParameters"] { #expect(cut[key] is Int) }
    #expect(!cuts.contains { $0["name"] as? String == "layer2.0.conv1" })

    let table = try folder.cleave("inspect run/best.h5")
    #expect(table.status == 0)
    #expect(table.output.contains("layer1.0.relu2"))
    #expect(table.errors.isEmpty)
  }

  @Test func splitHalvesTrainSALTAndStayAsTheyAre() throws {
    let folder = try TemporaryFolder.withRun()
    let split = try folder.cleave(
      "split run/best.h5 --at layer1 --head head.h5 --tail tail.h5 --json")
    #expect(split.status == 0, "\(split.testDescription)")
    #expect(try split.object()["bytes"] as? Int == 16_384)
    let head = try folder.bytes("head.h5")
    let tail = try folder.bytes("tail.h5")
    try folder.write(TinyTraining.salt.utf8, to: "salt.yaml")
    let trained = try folder.cleave("train salt.yaml --output salt --json")
    #expect(trained.status == 0, "\(trained.testDescription)")
    #expect(try folder.bytes("head.h5") == head)
    #expect(try folder.bytes("tail.h5") == tail)

    let report = try folder.cleave("evaluate salt --json").object()
    #expect(report["user_classes"] as? [String] == ["cube", "sphere"])
    let rows = try #require(report["comparisons"] as? [[String: Any]])
    #expect(
      rows.compactMap { $0["name"] as? String } == [
        "original", "original, masked", "residual", "residual, masked",
      ])
    // The original system is the network that was cut: its accuracy on the user's classes is that
    // of the whole network on those classes.
    let whole = try folder.cleave("evaluate run/best.h5 --json").object()
    let classes = try #require(whole["per_class"] as? [[String: Any]])
    var right = 0.0
    var samples = 0.0
    for row in classes where ["cube", "sphere"].contains(row["name"] as? String) {
      let count = try #require(row["samples"] as? Double)
      samples += count
      right += try #require(row["accuracy"] as? Double) * count
    }
    let original = try #require(rows[0]["user_accuracy"] as? Double)
    #expect(abs(original - right / samples) < 1e-12)
  }

  @Test func evaluateMeasuresRunsRecipesAndCheckpointsAlike() throws {
    let folder = try TemporaryFolder.withRun()
    let run = try folder.cleave("evaluate run --json").object()
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(folder.bytes("run/report.json"))) as? [String: Any])
    let accuracy = try #require(run["accuracy"] as? Double)
    #expect((0...1).contains(accuracy))
    #expect(accuracy == report["accuracy"] as? Double)
    #expect(run["samples"] as? Int == 40)
    #expect((run["per_class"] as? [[String: Any]])?.count == 4)
    let cost = try #require(run["split"] as? [String: Any])
    // 4,096 values, and 15 bytes around them.
    #expect(cost["uplink_bytes"] as? Int == 16_399)

    let checkpoint = try folder.cleave("evaluate run/best.h5 --json").object()
    #expect(checkpoint["accuracy"] as? Double == accuracy)
    #expect(checkpoint["samples"] as? Int == 40)

    // An untrained network, so another accuracy would be no surprise; the same samples.
    let recipe = try folder.cleave("evaluate shapes.yaml --json").object()
    #expect(recipe["samples"] as? Int == 40)
    #expect(recipe["training"] == nil)
  }

  @Test func evaluateTakesADataSetAndHowImagesArePrepared() throws {
    let folder = try TemporaryFolder()
    try folder.writeFashionMNIST(to: "images")
    try folder.write(TinyTraining.shapes.utf8, to: "shapes.yaml")
    let trained = try folder.cleave.run([
      "train", "shapes.yaml", "--output", "run", "--json", "--set", "train.epochs=1", "--set",
      "data={name: fashion-mnist, path: images}", "--set",
      "network.input={scale: 255, mean: [0.25], std: [0.5]}",
    ])
    let accuracy = try #require(trained.object()["accuracy"] as? Double)
    let base = "evaluate run/best.h5 --json --dataset fashion-mnist --data-path images"
    let transform = " --input-scale 255 --input-mean 0.25 --input-std 0.5"
    for words in [base, base + transform] {
      let result = try folder.cleave(words)
      #expect(result.status == 0, "\(result.testDescription)")
      #expect(try result.object()["accuracy"] as? Double == accuracy)
      #expect(try result.object()["samples"] as? Int == 30)
    }
    // Pixels that stay from 0 to 255 are seen differently.
    let raw = try folder.cleave(base + " --input-scale 1").object()
    let predictions = [raw, try folder.cleave(base).object()].map {
      ($0["per_class"] as? [[String: Any]])?.map { $0["accuracy"] as? Double }
    }
    #expect(predictions[0] != predictions[1])

    let threeChannels = try folder.cleave(base + " --input-mean 0.1,0.2,0.3")
    #expect(threeChannels.status == 1, "\(threeChannels.testDescription)")
  }

  @Test(arguments: [
    ("run --dataset shaps", "unknown data set 'shaps'; did you mean 'shapes'?", Int32(1)),
    ("run --input-scale 2", "--input-scale is for checkpoints; run is a run", 2),
    ("run --set train.epochs=2", "--set train.epochs=2: expected data.… here", 2),
    ("shapes.yaml --input-scale 2", "--input-scale is for checkpoints; shapes.yaml is", 2),
    (
      "shapes.yaml --dataset shapes",
      "--dataset is for runs, checkpoints and adapters; shapes.yaml is a recipe", 2
    ),
    ("shapes.yaml --split train", "--split is for runs, checkpoints and adapters", 2),
    ("run --head head.h5", "--head, --adapter and --tail stand in the place of run", 2),
    ("--head head.h5", "expected --head and --tail, found no --tail", 2),
    ("run/best.h5 --data-path x", "--data-path needs --dataset", 2),
    ("run/best.h5 --dataset shaps", "unknown data set 'shaps'; did you mean 'shapes'?", 1),
    ("run/best.h5 --architecture resnet9", "there is no architecture 'resnet9'", 1),
    ("run/best.h5 --input-std 0", "std is [0.0], expected", 1),
    ("none", "none does not exist, expected a run, a recipe or a checkpoint", 1),
    (".", ". holds no run", 1),
  ])
  func evaluateSaysWhatItCannotMeasure(words: String, message: String, status: Int32) throws {
    let folder = try TemporaryFolder.withRun()
    let result = try folder.cleave("evaluate \(words)")
    #expect(result.status == status, "\(result.testDescription)")
    #expect(result.errors.hasPrefix("error: \(message)"), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test(arguments: [
    ("--at layer2.0.conv1 --head h --tail t", "nearest valid cuts are 'layer1.0.relu2'", Int32(1)),
    ("--at layr1 --head h --tail t", "did you mean 'layer1'?", 1),
    ("--at layer1 --head no/h --tail t", "no/h: cannot be written", 1),
    ("--at layer1 --head h --tail h", "--head and --tail must be two files", 2),
    ("--at layer1 --head h --tail ./run/../run/best.h5", "is the checkpoint itself", 2),
  ])
  func splitWritesNothingItShouldNot(words: String, message: String, status: Int32) throws {
    let folder = try TemporaryFolder.withRun()
    let before = try folder.bytes("run/best.h5")
    let result = try folder.cleave("split run/best.h5 \(words)")
    #expect(result.status == status, "\(result.testDescription)")
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(try folder.contents(".") == ["run", "shapes.yaml"])
    #expect(try folder.bytes("run/best.h5") == before)
  }

  @Test func damagedCheckpointsAreOneClearErrorToEveryCommand() throws {
    let folder = try TemporaryFolder.withRun()
    let good = try folder.bytes("run/best.h5")
    var bad: [(name: String, bytes: [UInt8])] = [
      ("empty", []), ("text", Array("no checkpoint at all\n".utf8)),
      ("signature alone", Array(good[..<8])), ("half", Array(good[..<(good.count / 2)])),
      ("almost all", Array(good.dropLast(1))),
    ]
    // Three in four in the first pages, where the file's structure is.
    for index in 0..<16 {
      var bytes = good
      let place = Int.random(in: 0..<(index % 4 == 0 ? bytes.count : 6000))
      let bit = UInt8(1) << UInt8.random(in: 0..<8)
      bytes[place] ^= bit
      bad.append(("byte \(place) xor \(bit)", bytes))
    }
    for (index, (name, bytes)) in bad.enumerated() {
      try folder.write(bytes, to: "bad.h5")
      let commands = [
        "inspect bad.h5", "evaluate bad.h5 --dataset shapes",
        "split bad.h5 --at layer1 --head h.h5 --tail t.h5",
      ]
      // Damage by chance is shown to one command each, to save time.
      let isSure = index < 5
      for command in isSure ? commands : [commands[index % 2 * 2]] {
        let result = try folder.cleave(command)
        if !isSure, result.status == 0 { continue }
        // Text may have been meant as a recipe, to which other statuses belong.
        let status: Int32 = name == "text" && command.hasPrefix("evaluate") ? 2 : 1
        #expect(result.status == status, "\(name), \(command): \(result.testDescription)")
        #expect(result.errors.hasPrefix("error: bad.h5"), "\(name), \(command): \(result.errors)")
        #expect(result.output.isEmpty)
      }
    }
    #expect(try folder.contents(".").filter { $0.hasPrefix(".") }.isEmpty)
  }
}
