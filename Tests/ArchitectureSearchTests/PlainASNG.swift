import Foundation

/// The equations of the page `methods/nasc.md` in plain loops, to compare with.
struct PlainASNG {
  let counts: [Int]
  let alpha: Double
  let initial: Double
  var theta: [[Double]]
  var delta: Double
  var s: [Double]
  var gamma = 0.0

  init(counts: [Int], alpha: Double, initial: Double) {
    self.counts = counts
    self.alpha = alpha
    self.initial = initial
    theta = []
    var n = 0
    for count in counts {
      theta.append([Double](repeating: 1 / Double(count), count: count))
      n += count - 1
    }
    s = [Double](repeating: 0, count: n)
    delta = max(1, initial / Double(n).squareRoot())
  }

  mutating func tell(_ samples: [[Int]], ranks: [Double]) {
    // Utilities by counting, for every sample, the places it shares.
    let lambda = samples.count
    let mu = Int((Double(lambda) / 4).rounded(.up))
    var utilities: [Double] = []
    for k in 0..<lambda {
      var sum = 0.0
      var sharing = 0
      let before = ranks.filter { $0 < ranks[k] }.count
      let equal = ranks.filter { $0 == ranks[k] }.count
      for place in before..<(before + equal) {
        if place < mu { sum += 1 / Double(mu) }
        if place >= lambda - mu { sum -= 1 / Double(mu) }
        sharing += 1
      }
      utilities.append(sum / Double(sharing))
    }

    var g: [[Double]] = []
    for i in counts.indices {
      var row = [Double](repeating: 0, count: counts[i])
      for j in 0..<counts[i] {
        for k in 0..<lambda {
          row[j] += utilities[k] * ((samples[k][i] == j ? 1 : 0) - theta[i][j]) / Double(lambda)
        }
      }
      g.append(row)
    }
    var h: [Double] = []
    var norm = 0.0
    for i in counts.indices {
      let c = counts[i] - 1
      var sum = 0.0
      for j in 0..<c { sum += g[i][j] }
      for j in 0..<c {
        let value =
          g[i][j] / sqrt(theta[i][j])
          + sqrt(theta[i][j]) * sum / (theta[i][c] + sqrt(theta[i][c]))
        h.append(value)
        norm += value * value
      }
    }
    norm = sqrt(norm)
    if norm < 1e-9 { return }

    let n = Double(s.count)
    let step = initial / delta
    let beta = step / sqrt(n)
    for i in counts.indices {
      for j in 0..<counts[i] { theta[i][j] += step * g[i][j] / norm }
      var factor = Double(counts.count)
      if 1 / (factor * Double(counts[i] - 1)) >= 1 / Double(counts[i]) { factor = 3 }
      let bound = 1 / (factor * Double(counts[i] - 1))
      var above = 0.0
      for j in 0..<counts[i] {
        if theta[i][j] < bound { theta[i][j] = bound }
        above += theta[i][j] - bound
      }
      let wanted = 1 - bound * Double(counts[i])
      for j in 0..<counts[i] { theta[i][j] = bound + (theta[i][j] - bound) * wanted / above }
    }
    var squared = 0.0
    for index in s.indices {
      s[index] = (1 - beta) * s[index] + sqrt(beta * (2 - beta)) * h[index] / norm
      squared += s[index] * s[index]
    }
    gamma = (1 - beta) * (1 - beta) * gamma + beta * (2 - beta)
    delta *= exp(beta * (gamma - squared / alpha))
    delta = max(delta, initial / sqrt(n))
  }
}
