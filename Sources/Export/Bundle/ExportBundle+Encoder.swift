internal import FixedPoint
internal import Foundation
internal import Networks
internal import Tensors

extension ExportBundle {
  /// The head as integers in C, and what it gives for some of the calibration's images.
  func device(
    _ encoder: Encoder
  ) throws(ExportError) -> (entry: ExportManifest.Encoder, files: [(String, [UInt8])]) {
    let program = try FixedPointProgram(
      head, centers: encoder.centers, calibration: calibration, range: quantization.range)
    let stem = ExportBundle.encoderStem
    let text: String
    do {
      text = try program.c99(name: stem)
    } catch {
      throw .noIntegers(node: head.name, kind: "network", reason: error.description)
    }
    let source = Array(text.utf8)
    var files = [("\(stem).c", source)]
    let length = head.inputs[0].shape.elementCount
    var inputs: [UInt8] = []
    var indices: [UInt8] = []
    var count = 0
    for batch in encoder.testImages {
      let numbers = batch.scalars
      for start in stride(from: 0, to: numbers.count, by: length) {
        let image = program.quantizeInput(Array(numbers[start..<start + length]))
        inputs += image.map { UInt8(bitPattern: $0) }
        indices += program.packed(program.run(image))
        count += 1
      }
    }
    if count > 0 {
      files += [("\(stem).inputs.bin", inputs), ("\(stem).indices.bin", indices)]
    }
    let memory = program.memory
    var excess: String?
    do {
      try DeviceBudget.stm32.check(program)
    } catch {
      excess = error.description
    }
    let quantization = program.input.quantization
    return (
      ExportManifest.Encoder(
        source: ExportManifest.File(name: "\(stem).c", content: source),
        inputScale: quantization.scale, inputZeroPoint: Int(quantization.zeroPoint),
        centers: encoder.centers, indices: program.valueCount,
        shape: head.outputShape, axes: ExportManifest.axes(of: head.outputShape),
        bits: program.bitsPerIndex,
        bytes: program.packedByteCount, flashBytes: memory.flashBytes, ramBytes: memory.ramBytes,
        macs: memory.macs, flashBudget: DeviceBudget.stm32.flash,
        ramBudget: DeviceBudget.stm32.ram, excess: excess, testVectors: count > 0 ? count : nil),
      files
    )
  }
}
