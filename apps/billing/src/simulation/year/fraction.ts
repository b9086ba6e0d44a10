/** An exact rational. */
export class Fraction {
  private constructor(
    readonly above: bigint,
    readonly below: bigint,
  ) {}

  static of(above: bigint | number, below: bigint | number = 1): Fraction {
    const [n, d] = [BigInt(above), BigInt(below)];
    if (d === 0n) throw new RangeError('division by zero');
    const size = gcd(n < 0n ? -n : n, d < 0n ? -d : d);
    const sign = d < 0n ? -1n : 1n;
    return new Fraction((sign * n) / size, (sign * d) / size);
  }

  plus(other: Fraction): Fraction {
    return Fraction.of(this.above * other.below + other.above * this.below, this.below * other.below);
  }

  minus(other: Fraction): Fraction {
    return this.plus(Fraction.of(-other.above, other.below));
  }

  times(other: Fraction): Fraction {
    return Fraction.of(this.above * other.above, this.below * other.below);
  }

  over(other: Fraction): Fraction {
    return Fraction.of(this.above * other.below, this.below * other.above);
  }

  /** The largest whole number that is not above it. */
  floor(): bigint {
    const cut = this.above / this.below;
    return this.above < 0n && cut * this.below !== this.above ? cut - 1n : cut;
  }

  /** To the nearest whole number, a half away from zero. */
  round(): bigint {
    const half = Fraction.of(1, 2);
    return this.above < 0n ? -Fraction.of(-this.above, this.below).plus(half).floor() : this.plus(half).floor();
  }
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a || 1n : gcd(b, a % b);
}
