import { beforeAll, describe, expect, it } from "vitest";
import { genesisState, signSegment, stateCommitment } from "../../../services/model/condition/index.ts";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";
import { freshProfile, goodReading, goodSegment, honestInputs, otherKey, publicSignalNames, signedAnew, testKey, withElement } from "../support/segments.ts";
import { known } from "../support/known.ts";

describe("condition-segment against a forger", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit()));
  const segment = goodSegment(20);
  const honest = honestInputs(segment);

  it("signs anew to the same inputs when nothing is changed", () => expect(signedAnew(honest)).toEqual(honest));

  it("refuses a temperature of p - 1 or wrapped as a good one, even signed by the device", async () => {
    for (const temperature of [-1n, -1000n, 65_536n + 27_815n, 2n ** 17n + 27_815n, 2n ** 33n, FIELD_ORDER / 2n])
      expect(await circuit.refuses(signedAnew(withElement(honest, "temperatureCentikelvin", 5, temperature)))).toBe(true);
  });

  it("counts p - 1 as an excursion at most", async () => {
    const claimed = { ...genesisState, temperatureExcursionTicks: 120 };
    const inputs = { ...signedAnew(withElement(honest, "temperatureCentikelvin", 5, -1n)), stateAfter: String(stateCommitment(claimed, 77n)) };
    expect(await circuit.refuses(inputs)).toBe(false);
  });

  it("refuses tilts beyond 8 bits and p - 1", async () => {
    for (const tilt of [256n, -1n, 2n ** 33n]) expect(await circuit.refuses(signedAnew(withElement(honest, "tiltDegrees", 5, tilt)))).toBe(true);
  });

  it("refuses wrapped times: steps of p - 1, 121, 256 and a step that undoes another", async () => {
    for (const step of [-1n, -60n, 121n, 256n, FIELD_ORDER / 2n])
      for (const bit of [0, 1]) expect(await circuit.refuses(signedAnew(withElement(withElement(honest, "stepTicks", 5, step), "stepIsHigh", 5, bit)))).toBe(true);
  });

  it("refuses a start beyond 32 bits", async () => {
    expect(await circuit.refuses(signedAnew({ ...honest, fromTick: String(2n ** 32n) }))).toBe(true);
    expect(await circuit.refuses(signedAnew({ ...honest, fromTick: String(FIELD_ORDER - 1n) }))).toBe(true);
  });

  it("refuses readings shifted into a neighbour's slot: a packed element has one reading only", async () => {
    const moved = withElement(withElement(honest, "temperatureCentikelvin", 5, 27_815n + (1n << 17n)), "tiltDegrees", 5, 2);
    expect(await circuit.refuses(moved)).toBe(true);
    const wrapped = withElement(withElement(honest, "temperatureCentikelvin", 5, 27_815n - (1n << 17n)), "tiltDegrees", 5, 4);
    expect(await circuit.refuses(wrapped)).toBe(true);
    const borrowed = withElement(withElement(honest, "tiltDegrees", 5, 3n + 256n), "stepTicks", 5, 59);
    expect(await circuit.refuses(borrowed)).toBe(true);
  });

  it("refuses another device's signature, with its own or the enrolled key", async () => {
    const theirs = signSegment(segment, otherKey);
    const signature = { signatureR: theirs.R8.map(String), signatureS: String(theirs.S) };
    expect(await circuit.refuses({ ...honest, ...signature })).toBe(true);
    expect(await circuit.refuses({ ...honest, ...signature, publicKey: otherKey.publicKey.map(String) })).toBe(true);
    expect(await circuit.refuses({ ...signedAnew(honest, otherKey), deviceKeyCommitment: known(honest.deviceKeyCommitment) })).toBe(true);
  });

  it("refuses a signature for another context, start or order of readings", async () => {
    const changed = [goodSegment(20, { context: 1235n }), goodSegment(20, { fromTick: segment.fromTick + 1 }), goodSegment(20, { salt: 43n })];
    for (const other of changed) {
      const { R8, S } = signSegment(other, testKey);
      expect(await circuit.refuses({ ...honest, signatureR: R8.map(String), signatureS: String(S) })).toBe(true);
      expect(await circuit.refuses({ ...honestInputs(other), signatureR: known(honest.signatureR), signatureS: known(honest.signatureS) })).toBe(true);
    }
    const uneven = goodSegment(20);
    uneven.readings[3] = { ...goodReading, temperatureCentikelvin: 27_900 };
    const inputs = honestInputs(uneven);
    const temperatures = [...(inputs.temperatureCentikelvin as string[])];
    [temperatures[3], temperatures[4]] = [known(temperatures[4]), known(temperatures[3])];
    expect(await circuit.refuses({ ...inputs, temperatureCentikelvin: temperatures })).toBe(true);
  });

  it("refuses every public signal changed by one", async () => {
    for (const name of publicSignalNames) {
      const value = BigInt(honest[name] as string);
      expect([name, await circuit.refuses({ ...honest, [name]: String((value + 1n) % FIELD_ORDER) })]).toEqual([name, true]);
    }
  });

  it("refuses a state before that is not the committed one", async () => {
    const before = { ...genesisState, temperatureExcursionTicks: 300 };
    const inputs = honestInputs(segment, { stateBefore: before, blindingBefore: 9n });
    expect(await circuit.refuses(inputs)).toBe(false);
    expect(await circuit.refuses({ ...inputs, temperatureTicksBefore: "0" })).toBe(true);
    expect(await circuit.refuses({ ...inputs, blindingBefore: "10" })).toBe(true);
    // The same packed number read as other parts.
    expect(await circuit.refuses({ ...inputs, temperatureTicksBefore: String(300n + (1n << 22n)), tiltTicksBefore: String(FIELD_ORDER - 1n) })).toBe(true);
    expect(await circuit.refuses({ ...inputs, tiltTicksBefore: String(1n << 22n), lastTemperatureOutsideBefore: String(FIELD_ORDER - 1n) })).toBe(true);
  });

  it("refuses terms packed from other parts", async () => {
    const budget = freshProfile.temperatureBudgetSeconds;
    expect(await circuit.refuses({ ...honest, temperatureBudgetTicks: String(budget + 2 ** 22), tiltBudgetTicks: String(freshProfile.tiltBudgetSeconds - 1) })).toBe(true);
    expect(await circuit.refuses({ ...honest, maximumCentikelvin: String(28_115 + 2 ** 16), tiltLimitDegrees: "29" })).toBe(true);
    expect(await circuit.refuses({ ...honest, minimumCentikelvin: "27000" })).toBe(true);
  });
});
