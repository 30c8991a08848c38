import Splitting
import Tensors
import Testing

@Suite struct ChannelNoiseTests {
  let shape: Shape = [16, 8, 8, 32]

  func latent() -> Tensor<Float> {
    var source = RandomSource(seed: 1)
    return source.uniform(shape, in: 1...2)
  }

  func channel(
    loss: Double = 0, packetSize: ByteCount? = nil, noise: Double = 0,
    placement: Link.NoisePlacement = .afterAdapter
  ) throws -> ChannelNoise {
    ChannelNoise(
      try Link(loss: loss, packetSize: packetSize, noise: noise, noisePlacement: placement))
  }

  @Test func aLosslessQuietChannelChangesNothing() throws {
    var source = RandomSource(seed: 2)
    let before = source
    let received = try channel().transmit(latent(), using: &source)
    #expect(received.latent == latent())
    #expect(received.mask == nil)
    #expect(received.sentGradient(latent()) == latent())
    #expect(source == before)
  }

  @Test func totalLossLeavesZeros() throws {
    var source = RandomSource(seed: 2)
    let received = try channel(loss: 1).transmit(latent(), using: &source)
    #expect(received.latent == Tensor(shape, repeating: 0))
    #expect(received.mask == Tensor(shape, repeating: 0))
    #expect(received.sentGradient(latent()) == Tensor(shape, repeating: 0))
  }

  @Test(arguments: [0.25, 0.5, 0.75])
  func theFractionLostIsTheProbability(loss: Double) throws {
    var source = RandomSource(seed: 3)
    let sent = latent()
    let received = try channel(loss: loss).transmit(sent, using: &source)
    let mask = try #require(received.mask)
    let lost = mask.scalars.count { $0 == 0 }
    // 32768 draws: five standard deviations are at most 5 · sqrt(0.25 / 32768) = 0.0138.
    #expect(abs(Double(lost) / Double(sent.count) - loss) < 0.0138)
    // What arrives is not rescaled, and the gradient is masked alike.
    let expected = zip(sent.scalars, mask.scalars).map { $0 * $1 }
    #expect(received.latent.scalars == expected)
    #expect(received.sentGradient(sent).scalars == expected)
    #expect(mask.scalars.allSatisfy { $0 == 0 || $0 == 1 })
  }

  @Test func packetsAreLostAsAWholeAndEndWithTheirSample() throws {
    var source = RandomSource(seed: 4)
    let sent = Tensor<Float>([64, 10], repeating: 1)
    // 16 bytes hold 4 elements: samples of 10 are sent as packets of 4, 4 and 2.
    let received = try channel(loss: 0.5, packetSize: ByteCount(16)).transmit(sent, using: &source)
    let mask = try #require(received.mask).scalars
    var partial = 0
    for sample in 0..<64 {
      for packet in [0..<4, 4..<8, 8..<10] {
        let values = Set(packet.map { mask[sample * 10 + $0] })
        if values.count > 1 { partial += 1 }
      }
    }
    #expect(partial == 0)
    #expect(mask.contains(0) && mask.contains(1))
    // Neighbouring packets are independent: all samples alike would be a mistake of the streams.
    let samples = (0..<64).map { sample in Array(mask[sample * 10..<(sample + 1) * 10]) }
    #expect(Set(samples).count == 8)
  }

  @Test func noiseIsGaussianWithTheGivenDeviation() throws {
    var source = RandomSource(seed: 5)
    let sent = latent()
    let received = try channel(noise: 0.5).transmit(sent, using: &source)
    #expect(received.mask == nil)
    let noise = zip(received.latent.scalars, sent.scalars).map { Double($0) - Double($1) }
    let count = Double(noise.count)
    let mean = noise.reduce(0, +) / count
    let variance = noise.reduce(0) { $0 + $1 * $1 } / count
    let squares = noise.map { $0 * $0 }
    let kurtosis = squares.reduce(0) { $0 + $1 * $1 } / count / (variance * variance)
    // 32768 draws, five standard errors: mean 5 · 0.5 / 181 = 0.0138; variance
    // 5 · 0.25 · sqrt(2 / 32768) = 0.0098; kurtosis 5 · sqrt(24 / 32768) = 0.135 around 3.
    #expect(abs(mean) < 0.0138)
    #expect(abs(variance - 0.25) < 0.0098)
    #expect(abs(kurtosis - 3) < 0.135)
    #expect(received.sentGradient(sent) == sent)
  }

  @Test func noiseIsAddedWhereTheLinkSaysAndNowhereElse() throws {
    var source = RandomSource(seed: 6)
    let after = try channel(noise: 1)
    #expect(after.beforeAdapter(latent(), using: &source) == latent())
    #expect(after.transmit(latent(), using: &source).latent != latent())
    let before = try channel(noise: 1, placement: .beforeAdapter)
    #expect(before.beforeAdapter(latent(), using: &source) != latent())
    #expect(before.transmit(latent(), using: &source).latent == latent())
  }

  @Test func lostElementsCarryNoNoise() throws {
    var source = RandomSource(seed: 7)
    let received = try channel(loss: 0.5, noise: 1).transmit(latent(), using: &source)
    let mask = try #require(received.mask)
    #expect(zip(received.latent.scalars, mask.scalars).allSatisfy { $1 == 1 || $0 == 0 })
  }

  @Test func theSeedAloneDecides() throws {
    let channel = try channel(loss: 0.3, noise: 0.7)
    func send(seed: UInt64, threads: Int) -> Tensor<Float> {
      var source = RandomSource(seed: seed)
      return ThreadPool.$current.withValue(ThreadPool(threadCount: threads)) {
        channel.transmit(latent(), using: &source).latent
      }
    }
    let expected = send(seed: 8, threads: 1)
    #expect(send(seed: 8, threads: 1) == expected)
    #expect(send(seed: 8, threads: 2) == expected)
    #expect(send(seed: 9, threads: 1) != expected)
  }

  @Test func eachTransmissionDiffers() throws {
    var source = RandomSource(seed: 10)
    let channel = try channel(loss: 0.5)
    let first = channel.transmit(latent(), using: &source).mask
    let second = channel.transmit(latent(), using: &source).mask
    #expect(first != second)
  }

  @Test func anEmptyLatentIsSentUnchanged() throws {
    var source = RandomSource(seed: 11)
    let empty = Tensor<Float>([0, 4], [])
    let received = try channel(loss: 0.5, noise: 1).transmit(empty, using: &source)
    #expect(received.latent == empty)
  }
}
