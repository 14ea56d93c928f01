import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTemperature, encodeTemperature, encodeTilt } from "../../../services/model/condition/index.ts";

describe("encodeTemperature", () => {
  it.each([
    [0, 27_315],
    [-0, 27_315],
    [-273.15, 0],
    [382.2, 65_535],
    [-196, 7_715],
    [4.005, 27_716],
    [-4.005, 26_914],
    [1.005, 27_416],
    [-1e-9, 27_315],
    [0.1 + 0.2, 27_345],
  ])("%d degrees are %d centikelvin", (celsius, centikelvin) => expect(encodeTemperature(celsius)).toBe(centikelvin));

  it.each([NaN, Infinity, -Infinity, -273.16, 382.21, 1e308, -1e308])("refuses %d", (celsius) =>
    expect(() => encodeTemperature(celsius)).toThrow(expect.objectContaining({ code: "temperature-invalid", details: { celsius } })));

  it("is undone by decodeTemperature to a hundredth", () =>
    fc.assert(fc.property(fc.integer({ min: 0, max: 65_535 }), (centikelvin) => encodeTemperature(decodeTemperature(centikelvin)) === centikelvin), { seed: 1, numRuns: 2000 }));

  it("keeps order", () =>
    fc.assert(
      fc.property(fc.double({ min: -273, max: 382, noNaN: true }), fc.double({ min: -273, max: 382, noNaN: true }), (left, right) => left > right || encodeTemperature(left) <= encodeTemperature(right)),
      { seed: 2, numRuns: 2000 },
    ));
});

describe("encodeTilt", () => {
  it.each([
    [0, 0],
    [29.999, 30],
    [30, 30],
    [30.001, 31],
    [180, 180],
    [null, 255],
  ])("%s is %d", (degrees, code) => expect(encodeTilt(degrees)).toBe(code));
  it.each([-0.1, 180.5, NaN, Infinity])("refuses %d", (degrees) => expect(() => encodeTilt(degrees)).toThrow(expect.objectContaining({ code: "tilt-invalid" })));
});
