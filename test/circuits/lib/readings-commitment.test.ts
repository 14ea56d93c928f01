import { beforeAll, describe, expect, it } from "vitest";
import { READINGS_PER_SEGMENT, padReadings, readingsCommitment } from "../../../services/model/condition/index.ts";
import type { Segment } from "../../../services/model/condition/index.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";
import { known } from "../support/known.ts";

describe("ReadingsCommitment", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("readings-commitment.circom", `ReadingsCommitment(${READINGS_PER_SEGMENT})`)));

  const segment: Segment = {
    context: 2n ** 252n + 7n,
    fromTick: 1_700_000_000,
    salt: 2n ** 248n - 1n,
    readings: Array.from({ length: 40 }, (_, index) => ({ temperatureCentikelvin: 27_500 + 13 * index, tiltDegrees: index, stepTicks: (37 * index) % 256 })),
  };
  const commit = (of: Segment): Promise<bigint> => {
    const readings = padReadings(of.readings);
    return circuit.read(
      {
        context: String(of.context),
        fromTick: of.fromTick,
        salt: String(of.salt),
        temperatureCentikelvin: readings.map((reading) => reading.temperatureCentikelvin),
        tiltDegrees: readings.map((reading) => reading.tiltDegrees),
        stepTicks: readings.map((reading) => reading.stepTicks),
      },
      "commitment",
    );
  };

  it("equals the model's commitment", async () => expect(await commit(segment)).toBe(readingsCommitment(segment)));

  it("equals it at the largest values of every slot", async () => {
    const full: Segment = { ...segment, fromTick: 1, readings: Array.from({ length: READINGS_PER_SEGMENT }, () => ({ temperatureCentikelvin: 65_535, tiltDegrees: 255, stepTicks: 255 })) };
    expect(await commit(full)).toBe(readingsCommitment(full));
  });

  it("changes with context, start, salt, order and every part of a reading", () => {
    const [first, second, ...rest] = segment.readings;
    const others: Segment[] = [
      { ...segment, context: segment.context + 1n },
      { ...segment, fromTick: segment.fromTick + 1 },
      { ...segment, salt: segment.salt - 1n },
      { ...segment, readings: [known(second), known(first), ...rest] },
      { ...segment, readings: segment.readings.slice(0, -1) },
      { ...segment, readings: [{ ...known(first), temperatureCentikelvin: 1 }, known(second), ...rest] },
      { ...segment, readings: [{ ...known(first), tiltDegrees: 9 }, known(second), ...rest] },
      { ...segment, readings: [{ ...known(first), stepTicks: 9 }, known(second), ...rest] },
    ];
    expect(new Set([segment, ...others].map(readingsCommitment)).size).toBe(others.length + 1);
  });
});
