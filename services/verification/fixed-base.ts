import { FpInvertBatch } from "@noble/curves/abstract/modular.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

type Point = InstanceType<typeof secp256k1.Point>;

const { Point } = secp256k1;
const PRIME = Point.Fp.ORDER;
const WINDOWS = 32;
const MULTIPLES = 255;

/** Affine multiples d·256^w·P of one point, d in 1..255; place w·255 + d − 1. About 1 MB. */
export interface FixedBaseTable {
  x: bigint[];
  y: bigint[];
}

export function createFixedBaseTable(point: Point): FixedBaseTable {
  const multiples: Point[] = [];
  let base = point;
  for (let window = 0; window < WINDOWS; window += 1) {
    let multiple = base;
    for (let digit = 1; digit <= MULTIPLES; digit += 1) {
      multiples.push(multiple);
      multiple = multiple.add(base);
    }
    base = multiple;
  }
  const inverses = FpInvertBatch(
    Point.Fp,
    multiples.map((multiple) => multiple.Z),
  );
  const affine = multiples.map((multiple, index) => multiple.toAffine(inverses[index] as bigint));
  return { x: affine.map((point) => point.x), y: affine.map((point) => point.y) };
}

export interface AffinePoint {
  x: bigint;
  y: bigint;
}

/**
 * u1·G + u2·Q for many pairs of scalars over two tables. The additions of all lanes share one field inversion
 * (Montgomery's trick), which makes an affine addition cost six multiplications: about four times as fast as adding
 * projective points one by one. A lane is null when it meets an exceptional case (equal points or infinity): the
 * caller computes it by the complete formulas.
 */
export function sumOfProducts(
  base: FixedBaseTable,
  baseScalars: readonly bigint[],
  key: FixedBaseTable,
  keyScalars: readonly bigint[],
): (AffinePoint | null)[] {
  const lanes = baseScalars.length;
  const sums = Array.from({ length: lanes }, (): AffinePoint => ({ x: -1n, y: -1n }));
  const isOdd = new Uint8Array(lanes);
  for (const [table, scalars] of [[base, baseScalars] as const, [key, keyScalars] as const]) {
    const digits = scalars.map((scalar) => Buffer.from(scalar.toString(16).padStart(64, "0"), "hex"));
    for (let window = 0; window < WINDOWS; window += 1) addWindow(table, window, digits, sums, isOdd);
  }
  return sums.map((sum, lane) => (isOdd[lane] === 1 || sum.x < 0n ? null : sum));
}

function addWindow(
  table: FixedBaseTable,
  window: number,
  digits: readonly Buffer[],
  sums: AffinePoint[],
  isOdd: Uint8Array,
): void {
  const lanes: number[] = [];
  const places: number[] = [];
  const differences: bigint[] = [];
  const products: bigint[] = [];
  let product = 1n;
  for (let lane = 0; lane < sums.length; lane += 1) {
    const digit = digits[lane]?.[WINDOWS - 1 - window] ?? 0;
    if (digit === 0 || isOdd[lane] === 1) continue;
    const place = window * MULTIPLES + digit - 1;
    const sum = sums[lane] as AffinePoint;
    const x = table.x[place] as bigint;
    if (sum.x < 0n) {
      sum.x = x;
      sum.y = table.y[place] as bigint;
      continue;
    }
    const difference = x - sum.x;
    if (difference === 0n) {
      isOdd[lane] = 1;
      continue;
    }
    lanes.push(lane);
    places.push(place);
    differences.push(difference);
    products.push(product);
    product = (product * difference) % PRIME;
  }
  if (lanes.length === 0) return;
  let inverse = Point.Fp.inv(Point.Fp.create(product));
  for (let index = lanes.length - 1; index >= 0; index -= 1) {
    const sum = sums[lanes[index] as number] as AffinePoint;
    const place = places[index] as number;
    const x = table.x[place] as bigint;
    const slope = ((((table.y[place] as bigint) - sum.y) * (products[index] as bigint)) % PRIME) * inverse % PRIME;
    inverse = (inverse * (differences[index] as bigint)) % PRIME;
    const sumX = positive((slope * slope - sum.x - x) % PRIME);
    sum.y = positive((slope * (sum.x - sumX) - sum.y) % PRIME);
    sum.x = sumX;
  }
}

function positive(value: bigint): bigint {
  return value < 0n ? value + PRIME : value;
}
