extension Variable {
  /// The sum of two variables that broadcast against each other.
  public static func + (left: Variable, right: Variable) -> Variable {
    apply(Add(), [left, right])
  }

  /// The difference of two variables that broadcast against each other.
  public static func - (left: Variable, right: Variable) -> Variable {
    apply(Subtract(), [left, right])
  }

  /// The element-wise product of two variables that broadcast against each other.
  public static func * (left: Variable, right: Variable) -> Variable {
    apply(Multiply(), [left, right])
  }

  /// The quotient of two variables that broadcast against each other.
  public static func / (left: Variable, right: Variable) -> Variable {
    apply(Divide(), [left, right])
  }

  /// The negative of every element.
  public static prefix func - (operand: Variable) -> Variable { apply(Negate(), [operand]) }

  /// Every element plus a constant.
  public static func + (left: Variable, right: Double) -> Variable {
    apply(ScaleShift(shift: right), [left])
  }

  /// Every element minus a constant.
  public static func - (left: Variable, right: Double) -> Variable { left + -right }

  /// Every element times a constant.
  public static func * (left: Variable, right: Double) -> Variable {
    apply(ScaleShift(scale: right), [left])
  }

  /// A constant times every element.
  public static func * (left: Double, right: Variable) -> Variable { right * left }

  /// Every element divided by a constant.
  public static func / (left: Variable, right: Double) -> Variable { left * (1 / right) }

  /// `eˣ` of every element.
  public func exp() -> Variable { Variable.apply(Exponential(), [self]) }

  /// The natural logarithm of every element.
  public func log() -> Variable { Variable.apply(Logarithm(), [self]) }

  /// The square root of every element.
  public func squareRoot() -> Variable { Variable.apply(SquareRoot(), [self]) }

  /// Every element to a constant power.
  public func power(_ exponent: Double) -> Variable {
    Variable.apply(Power(exponent: exponent), [self])
  }

  /// The magnitude of every element.
  public func absolute() -> Variable { Variable.apply(Absolute(), [self]) }

  /// Every element held between two bounds.
  public func clamped(_ lower: Double, _ upper: Double) -> Variable {
    Variable.apply(Clamp(lower: lower, upper: upper), [self])
  }

  /// The sum over axes; over all, a scalar, if `nil`.
  public func sum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Variable {
    Variable.apply(Sum(axes: axes, keepDimensions: keepDimensions), [self])
  }

  /// The mean over axes; over all, a scalar, if `nil`.
  public func mean(axes: [Int]? = nil, keepDimensions: Bool = false) -> Variable {
    Variable.apply(Mean(axes: axes, keepDimensions: keepDimensions), [self])
  }
}
