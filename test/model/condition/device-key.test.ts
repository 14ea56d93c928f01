import { babyjubjub } from "@noble/curves/misc.js";
import { describe, expect, it } from "vitest";
import { createDeviceSigningKey, isValidDeviceKey, poseidonPair, signSegment, verifySegmentSignature } from "../../../services/model/condition/index.ts";
import type { Point } from "../../../services/model/condition/index.ts";
import { FIELD_ORDER, SUBGROUP_ORDER } from "../../../services/model/field.ts";
import { goodSegment, otherKey, testKey } from "../../circuits/support/segments.ts";

/** A point of order 8 on BabyJubJub: its multiples by 4 and 8 are (0, -1) and (0, 1). */
const ORDER_EIGHT: Point = [
  17545522957889784193459637215142187266023652151580582754000402781682644312291n,
  4826523245007015323400664741523384119579596407052839571721035538011798951543n,
];

it("the point of order 8 is one", () => {
  const point = babyjubjub.Point.fromAffine({ x: ORDER_EIGHT[0], y: ORDER_EIGHT[1] });
  point.assertValidity();
  expect(point.double().double().toAffine()).toEqual({ x: 0n, y: FIELD_ORDER - 1n });
});

describe("createDeviceSigningKey", () => {
  it("derives a valid key and its commitment from a seed, the same each time", () => {
    expect(createDeviceSigningKey(new Uint8Array(32).fill(11))).toEqual(testKey);
    expect(isValidDeviceKey(testKey.publicKey)).toBe(true);
    expect(testKey.commitment).toBe(poseidonPair(...testKey.publicKey));
    expect(otherKey.publicKey).not.toEqual(testKey.publicKey);
  });
  it.each([0, 31, 33])("refuses a seed of %d bytes", (length) => expect(() => createDeviceSigningKey(new Uint8Array(length))).toThrow(expect.objectContaining({ code: "seed-invalid" })));
});

describe("isValidDeviceKey", () => {
  const [x, y] = testKey.publicKey;
  it.each<[string, Point]>([
    ["the identity", [0n, 1n]],
    ["order 2", [0n, FIELD_ORDER - 1n]],
    ["order 8", ORDER_EIGHT],
    ["a point off the curve", [x, y + 1n]],
    ["the origin", [0n, 0n]],
    ["a coordinate not below the field's order", [x + FIELD_ORDER, y]],
    ["a negative coordinate", [x - FIELD_ORDER, y]],
    ["a key outside the subgroup: a valid one plus the point of order 2", [FIELD_ORDER - x, FIELD_ORDER - y]],
  ])("refuses %s", (_what, point) => expect(isValidDeviceKey(point)).toBe(false));
});

describe("verifySegmentSignature", () => {
  const segment = goodSegment(5);
  const signature = signSegment(segment, testKey);
  it("accepts the device's signature only", () => {
    expect(verifySegmentSignature(segment, signature, testKey.publicKey)).toBe(true);
    expect(verifySegmentSignature(segment, signature, otherKey.publicKey)).toBe(false);
    expect(verifySegmentSignature(segment, signSegment(segment, otherKey), testKey.publicKey)).toBe(false);
    expect(verifySegmentSignature(goodSegment(6), signature, testKey.publicKey)).toBe(false);
    expect(verifySegmentSignature(goodSegment(5, { context: 1n }), signature, testKey.publicKey)).toBe(false);
  });
  it("refuses scalars that are not reduced, and points off the curve", () => {
    expect(verifySegmentSignature(segment, { ...signature, S: signature.S + SUBGROUP_ORDER }, testKey.publicKey)).toBe(false);
    expect(verifySegmentSignature(segment, { ...signature, S: -1n }, testKey.publicKey)).toBe(false);
    expect(verifySegmentSignature(segment, { ...signature, R8: [1n, 1n] }, testKey.publicKey)).toBe(false);
  });
});
