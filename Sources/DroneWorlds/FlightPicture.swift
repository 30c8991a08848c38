internal import Foundation

/// Draws an episode: a map with the way that was flown, and what the drone saw on it.
///
/// The way is coloured by the tags of the record's steps, see ``tagColours``.
public struct FlightPicture: Sendable {
  /// The colours of tags as `0xRRGGBB`; they repeat after the last.
  public static let tagColours: [UInt32] = [
    0x2274A5, 0xE8871E, 0x2E9E6B, 0xB5446E, 0x7A5CB8, 0x8A7A1F,
  ]
  /// The map where nothing is.
  public static let groundColour: UInt32 = 0xF3F1EA
  /// What the drone can touch at its height.
  public static let obstacleColour: UInt32 = 0x5B6068
  /// What it flies over or under.
  public static let clearedColour: UInt32 = 0xD3D2CB
  /// The place where it began.
  public static let startColour: UInt32 = 0x1F2328
  /// The goal.
  public static let goalColour: UInt32 = 0xF2B705
  /// A collision.
  public static let collisionColour: UInt32 = 0xD81E2C

  private static let panelColour: UInt32 = 0xFFFFFF
  private static let inkColour: UInt32 = 0x1F2328
  private static let emptyColour: UInt32 = 0xE4E4DF
  private static let gap = 8
  private static let barHeight = 14

  /// The scene.
  public let scene: Scene
  /// What happened in it.
  public let record: EpisodeRecord
  /// The number of tags that have a row of bars, from 0 on.
  public let tagCount: Int

  private let options: WorldOptions
  private let goalRadius: Double
  private let prepared: PreparedScene
  private let corner: SIMD2<Double>
  private let side: Double

  /// Prepares the pictures of an episode.
  ///
  /// - Parameters:
  ///   - environment: the environment in which it was flown.
  ///   - record: what happened.
  ///   - tagCount: the number of tags there may be; as many as the record has if nil.
  public init(environment: DroneEnvironment, record: EpisodeRecord, tagCount: Int? = nil) {
    scene = environment.scene
    options = environment.options
    goalRadius = environment.rules.goalRadius
    prepared = environment.prepared
    self.record = record
    self.tagCount = tagCount ?? max(1, (record.steps.map(\.tag).max() ?? 0) + 1)
    var places = record.poses.map(\.ground)
    places.append(record.goal)
    var (low, high) = (record.goal, record.goal)
    for place in places {
      low = SIMD2(min(low.x, place.x), min(low.y, place.y))
      high = SIMD2(max(high.x, place.x), max(high.y, place.y))
    }
    let middle = (low + high) / 2
    side = max(high.x - low.x, high.y - low.y) + 8
    corner = middle - SIMD2(repeating: side / 2)
  }

  /// The colour of a tag.
  public static func colour(ofTag tag: Int) -> UInt32 {
    tagColours[(tag % tagColours.count + tagColours.count) % tagColours.count]
  }

  /// The map from above, x to the right and y up, with a bar for each tag below it: how many of the
  /// steps it chose, out of all of them.
  ///
  /// - Parameter size: the columns and rows of the map in pixels.
  /// - Precondition: the size is at least 64.
  public func map(size: Int = 480) -> RGBPicture {
    precondition(size >= 64, "FlightPicture: a map of \(size) pixels")
    let legend = FlightPicture.gap + tagCount * (FlightPicture.barHeight + 4)
    var picture = RGBPicture(
      width: size, height: size + legend, ground: FlightPicture.panelColour)
    picture.place(ground(size), x: 0, y: 0)
    drawWay(on: &picture, size: size, through: record.steps.count)
    for tag in 0..<tagCount {
      let top = size + FlightPicture.gap + tag * (FlightPicture.barHeight + 4)
      label(tag, on: &picture, top: top)
      let count = record.steps.count { $0.tag == tag }
      let width = size - 64
      picture.fill(
        x: 28, y: top, width: width, height: FlightPicture.barHeight, FlightPicture.emptyColour)
      picture.fill(
        x: 28, y: top, width: width * count / max(1, record.steps.count),
        height: FlightPicture.barHeight, FlightPicture.colour(ofTag: tag))
      picture.write(count, x: size - 30, y: top + 2, FlightPicture.inkColour)
    }
    return picture
  }

  /// The pictures of an animation.
  ///
  /// Left is the map, right what the camera sees and how far away it is, below for each tag a row
  /// with a bar for every step that it chose.
  ///
  /// - Parameters:
  ///   - mapSize: the columns and rows of the map in pixels.
  ///   - metresPerFrame: how far the drone flies from one picture to the next; nil for one picture
  ///     before the first step and one after each.
  /// - Precondition: the size is at least 64; the metres are above 0.
  public func frames(mapSize: Int = 448, metresPerFrame: Double? = nil) -> [RGBPicture] {
    precondition(mapSize >= 64, "FlightPicture: a map of \(mapSize) pixels")
    let background = ground(mapSize)
    var frames = [frame(at: record.start, after: 0, mapSize: mapSize, background)]
    let poses = record.poses
    for (index, step) in record.steps.enumerated() {
      if let metresPerFrame {
        for pose in FlightPicture.between(poses[index], step.pose, metres: metresPerFrame) {
          frames.append(frame(at: pose, after: index, mapSize: mapSize, background))
        }
      }
      frames.append(frame(at: step.pose, after: index + 1, mapSize: mapSize, background))
    }
    return frames
  }

  /// The poses on the way from one to another: turning by up to 20°, then flying by so many metres.
  private static func between(_ start: Pose, _ end: Pose, metres: Double) -> [Pose] {
    precondition(metres > 0, "FlightPicture: \(metres) m between pictures")
    let turn = Pose.wrapped(end.yaw - start.yaw)
    let turns = Int((abs(turn) / (Double.pi / 9)).rounded(.up))
    let way = end.position - start.position
    let flights = Int((length(end.ground - start.ground) / metres).rounded(.up))
    var poses: [Pose] = []
    for part in stride(from: 1, through: turns, by: 1) where flights > 0 || part < turns {
      let yaw = start.yaw + turn * Double(part) / Double(turns)
      poses.append(Pose(position: start.position, yaw: yaw))
    }
    for part in stride(from: 1, to: flights, by: 1) {
      poses.append(
        Pose(position: start.position + way * Double(part) / Double(flights), yaw: end.yaw))
    }
    return poses
  }

  /// A picture of the drone at a pose of step `count`, after so many whole steps.
  private func frame(
    at pose: Pose, after count: Int, mapSize: Int, _ background: RGBPicture
  ) -> RGBPicture {
    let gap = FlightPicture.gap
    let camera = options.camera
    let scale = max(1, (mapSize - gap) / 2 / camera.height)
    let rows = tagCount * (FlightPicture.barHeight + 4)
    var picture = RGBPicture(
      width: 3 * gap + mapSize + camera.width * scale, height: 3 * gap + mapSize + rows,
      ground: FlightPicture.panelColour)
    var map = background
    drawWay(on: &map, size: mapSize, through: count, upTo: pose)
    drawDrone(pose, on: &map, size: mapSize)
    picture.place(map, x: gap, y: gap)
    let seen = SceneRenderer(camera: camera).frame(prepared, from: pose)
    let depth = seen.normalisedDepth(farLimit: options.farLimit)
    var (view, distances) = (
      RGBPicture(width: camera.width, height: camera.height),
      RGBPicture(width: camera.width, height: camera.height)
    )
    for y in 0..<camera.height {
      for x in 0..<camera.width {
        let place = y * camera.width + x
        view[x, y] =
          UInt32(seen.colours[3 * place]) << 16 | UInt32(seen.colours[3 * place + 1]) << 8
          | UInt32(seen.colours[3 * place + 2])
        distances[x, y] = DepthColours.colour(depth[place])
      }
    }
    let left = 2 * gap + mapSize
    picture.place(view, x: left, y: gap, scale: scale)
    picture.place(distances, x: left, y: 2 * gap + camera.height * scale, scale: scale)
    drawSteps(on: &picture, through: count, top: 2 * gap + mapSize)
    return picture
  }

  private func label(_ tag: Int, on picture: inout RGBPicture, top: Int) {
    picture.fill(
      x: 0, y: top, width: 10, height: FlightPicture.barHeight, FlightPicture.colour(ofTag: tag))
    picture.write(tag, x: 14, y: top + 2, FlightPicture.inkColour)
  }

  /// A row of bars for each tag, one for each step that it chose so far.
  private func drawSteps(on picture: inout RGBPicture, through count: Int, top: Int) {
    let first = FlightPicture.gap + 28
    let width = picture.width - first - 48
    let total = max(1, record.steps.count)
    for tag in 0..<tagCount {
      let y = top + tag * (FlightPicture.barHeight + 4)
      picture.fill(
        x: FlightPicture.gap, y: y, width: 10, height: FlightPicture.barHeight,
        FlightPicture.colour(ofTag: tag))
      picture.write(tag, x: FlightPicture.gap + 14, y: y + 2, FlightPicture.inkColour)
      for (index, step) in record.steps.enumerated() {
        let from = first + width * index / total
        let to = first + width * (index + 1) / total
        let isChosen = index < count && step.tag == tag
        picture.fill(
          x: from, y: y, width: max(1, to - from - 1), height: FlightPicture.barHeight,
          isChosen ? FlightPicture.colour(ofTag: tag) : FlightPicture.emptyColour)
      }
      let chosen = record.steps.prefix(count).count { $0.tag == tag }
      picture.write(chosen, x: picture.width - 40, y: y + 2, FlightPicture.inkColour)
    }
  }

  /// Where a place in the world is on a map of a size, in pixels.
  func pixel(_ place: SIMD2<Double>, size: Int) -> SIMD2<Double> {
    let scaled = (place - corner) / side * Double(size)
    return SIMD2(scaled.x, Double(size) - scaled.y)
  }

  private func ground(_ size: Int) -> RGBPicture {
    var picture = RGBPicture(width: size, height: size, ground: FlightPicture.groundColour)
    let metres = side / Double(size)
    // What is at the height of flight covers what is not.
    for (slack, colour) in [
      (Double.infinity, FlightPicture.clearedColour), (0, FlightPicture.obstacleColour),
    ] {
      for obstacle in scene.obstacles {
        guard let outline = Footprint(sliceOf: obstacle.form, at: options.altitude, slack: slack)
        else { continue }
        let (low, high) = outline.bounds(margin: metres)
        let (from, to) = (pixel(low, size: size), pixel(high, size: size))
        func clamped(_ value: Double) -> Int { Int(min(Double(size), max(0, value))) }
        for y in clamped(to.y)..<clamped(from.y) {
          for x in clamped(from.x)..<clamped(to.x) {
            let place =
              corner + SIMD2(Double(x) + 0.5, Double(size) - Double(y) - 0.5) * metres
            if outline.contains(place) { picture[x, y] = colour }
          }
        }
      }
    }
    return picture
  }

  /// The way of so many steps, and of the part of the next one up to a pose.
  private func drawWay(
    on picture: inout RGBPicture, size: Int, through count: Int, upTo pose: Pose? = nil
  ) {
    let goal = pixel(record.goal, size: size)
    let radius = goalRadius / side * Double(size)
    picture.disc(x: goal.x, y: goal.y, radius: max(5, radius), FlightPicture.goalColour)
    picture.disc(
      x: goal.x, y: goal.y, radius: max(5, radius), innerRadius: max(5, radius) - 1.5,
      FlightPicture.inkColour)
    let poses = record.poses
    for index in 0..<count {
      let (from, to) = (
        pixel(poses[index].ground, size: size), pixel(poses[index + 1].ground, size: size)
      )
      let colour = FlightPicture.colour(ofTag: record.steps[index].tag)
      picture.line(from: from, to: to, width: 3.5, colour)
      picture.disc(x: to.x, y: to.y, radius: 3, colour)
    }
    if let pose, count < record.steps.count {
      picture.line(
        from: pixel(poses[count].ground, size: size), to: pixel(pose.ground, size: size),
        width: 3.5, FlightPicture.colour(ofTag: record.steps[count].tag))
    }
    let start = pixel(record.start.ground, size: size)
    picture.disc(x: start.x, y: start.y, radius: 5, FlightPicture.startColour)
    guard count == record.steps.count, record.ending == .collision else { return }
    let end = pixel(poses[count].ground, size: size)
    for slope in [SIMD2(7.0, 7), SIMD2(7, -7)] {
      picture.line(from: end - slope, to: end + slope, width: 4, FlightPicture.collisionColour)
    }
  }

  /// The drone in its size, and a line where it looks.
  private func drawDrone(_ pose: Pose, on picture: inout RGBPicture, size: Int) {
    let place = pixel(pose.ground, size: size)
    let ahead = SIMD2(pose.heading.x, -pose.heading.y)
    let aside = SIMD2(-ahead.y, ahead.x)
    let edge = tan(options.camera.fieldOfView / 2)
    for sign in [-1.0, 1] {
      let ray = ahead + sign * edge * aside
      picture.line(
        from: place, to: place + 30 / length(ray) * ray, width: 1, FlightPicture.inkColour)
    }
    let radius = max(4, options.droneRadius / side * Double(size))
    picture.disc(x: place.x, y: place.y, radius: radius, FlightPicture.inkColour)
    picture.disc(x: place.x, y: place.y, radius: radius - 1.5, FlightPicture.panelColour)
  }
}
