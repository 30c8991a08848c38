internal import Datasets
internal import EventLog
internal import Networks
internal import Splitting
internal import Tensors

/// Shows what crosses the cut in a run's event file, epoch by epoch: how the latents of some validation
/// images are distributed, and their channels as pictures.
struct CutWatch {
  private let method: any Method
  private let images: ImageDataset?

  /// How many images the histogram is of.
  private static let mostImages = 32
  /// How many of them are shown.
  private static let shownImages = 2
  /// How many channels of a latent are shown.
  private static let shownChannels = 64
  /// More multiply-accumulates than this are not done in an epoch only to look at latents.
  private static let mostMACs = 1_000_000_000

  /// Watches what a method makes of images; nothing of other data.
  init(_ method: any Method, _ images: ImageDataset?) {
    self.method = method
    self.images = images.flatMap { PixelImage.holds($0.imageShape) ? $0 : nil }
  }

  /// Adds what the device's part of a network makes of the images; nothing if the method has no such part.
  func record(_ network: Network, into events: inout TensorBoardWriter, step: Int) {
    guard let images, let device = try? method.parts(network).device, device.inputs.count == 1
    else { return }
    let head = Head(device)
    let count = min(Self.mostImages, images.count, Self.mostMACs / max(1, device.cost.macs))
    let samples = images.sampleIndices(max(0, count), seed: 0)
    guard count > 0, let pixels = try? images.pixels(at: samples),
      let inputs = try? method.inputTransform(pixels),
      inputs.shape.droppingFirst() == device.inputs[0].shape
    else { return }
    let latents = head(inputs)
    events.add("cut/latent", histogramOf: latents.scalars, step: step)
    for index in 0..<min(Self.shownImages, count) {
      if let bytes = try? images.bytes(at: [samples[index]]) {
        let shape = images.imageShape
        add(
          PixelImage(height: shape[0], width: shape[1], channels: shape[2], bytes: bytes),
          "image \(index)/input", into: &events, step: step)
      }
      let latent = latents.rows(index..<index + 1).reshaped(to: head.latentShape)
      if let mosaic = Self.mosaic(latent) {
        add(mosaic, "image \(index)/channels at the cut", into: &events, step: step)
      }
    }
  }

  private func add(
    _ image: PixelImage, _ tag: String, into events: inout TensorBoardWriter, step: Int
  ) {
    guard let png = try? ImageFile.encode(image, as: .png) else { return }
    events.add(
      tag, png: png, height: image.height, width: image.width, channels: image.channels,
      step: step)
  }

  /// The channels of a latent beside each other, from its least value (black) to its greatest; nil if it
  /// is no image.
  private static func mosaic(_ latent: Tensor<Float>) -> PixelImage? {
    let shape = latent.shape
    guard shape.rank == 3, shape.elementCount > 0 else { return nil }
    let (height, width) = (shape[0], shape[1])
    let channels = min(shownChannels, shape[2])
    var columns = 1
    while columns * columns < channels { columns += 1 }
    let rows = (channels + columns - 1) / columns
    let values = latent.scalars
    let least = values.min() ?? 0
    let span = max((values.max() ?? 1) - least, .leastNormalMagnitude)
    guard least.isFinite, span.isFinite else { return nil }
    // A line of one pixel lies between channels.
    let (fullHeight, fullWidth) = (rows * (height + 1) - 1, columns * (width + 1) - 1)
    var bytes = [UInt8](repeating: 0, count: fullHeight * fullWidth)
    for channel in 0..<channels {
      let (top, left) = (channel / columns * (height + 1), channel % columns * (width + 1))
      for y in 0..<height {
        for x in 0..<width {
          let value = (values[(y * width + x) * shape[2] + channel] - least) / span
          bytes[(top + y) * fullWidth + left + x] = UInt8(max(0, min(255, 255 * value)))
        }
      }
    }
    return PixelImage(height: fullHeight, width: fullWidth, channels: 1, bytes: bytes)
  }
}
