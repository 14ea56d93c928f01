import { beforeAll, describe, expect, it } from "vitest";
import { genesisCommitment, stateCommitment } from "../../../services/model/condition/index.ts";
import { libraryCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";

describe("ConditionState", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await libraryCircuit("condition-state.circom", "ConditionState()")));
  const commit = (temperatureTicks: number, tiltTicks: number, temperatureOut: number, tiltOut: number, blinding: bigint) =>
    circuit.read({ temperatureTicks, tiltTicks, lastTemperatureOutside: temperatureOut, lastTiltBeyond: tiltOut, blinding: String(blinding) }, "commitment");

  it("equals the model's commitment", async () => {
    expect(await commit(0, 0, 0, 0, 0n)).toBe(genesisCommitment);
    expect(await commit(2 ** 22 - 1, 1, 1, 0, 99n)).toBe(
      stateCommitment({ temperatureExcursionTicks: 2 ** 22 - 1, tiltExcursionTicks: 1, lastTemperatureOut: true, lastTiltOut: false }, 99n),
    );
  });

  it("changes with every part and with the blinding", async () => {
    const commitments = await Promise.all([commit(1, 0, 0, 0, 1n), commit(0, 1, 0, 0, 1n), commit(0, 0, 1, 0, 1n), commit(0, 0, 0, 1, 1n), commit(0, 0, 0, 0, 1n), commit(0, 0, 0, 0, 2n)]);
    expect(new Set(commitments).size).toBe(6);
  });
});
