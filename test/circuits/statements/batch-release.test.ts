import { beforeAll, describe, expect, it } from "vitest";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { BATCH_RELEASE, DECIMAL_OFFSET, batchReleasePublicSignals, encodeDecimal, signBatchResults } from "../../../services/model/quality/index.ts";
import type { CircuitInputs } from "../../../services/model/circuit-inputs.ts";
import { batchSignedAnew, batchStatement, fullSpecification, goodRecord, honestBatchInputs, laboratoryKey, otherLaboratoryKey, specifiedAnew, testSpecification, withResult } from "../support/batches.ts";
import { projectCircuit } from "../support/circuit-tester.ts";
import type { CircuitTester } from "../support/circuit-tester.ts";
import { freeWires } from "../support/constraint-system.ts";
import { known } from "../support/known.ts";
import { withElement } from "../support/segments.ts";

/** Wires of circomlib templates that may take any value when their flag is decided without them: `IsZero.inv` of equal points. */
const REVIEWED_FREE_SIGNALS = ["main.signature.verifier.eqCheckX.isz.inv", "main.signature.verifier.eqCheckY.isz.inv"];

const [VIABILITY, COPIES, ENDOTOXIN, CELLS, STERILITY, IDENTITY, SHIFT, UNUSED] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const MINUS_ONE = FIELD_ORDER - 1n;

describe("batch-release", () => {
  let circuit: CircuitTester;
  beforeAll(async () => (circuit = await projectCircuit("batch-release")));
  const honest = honestBatchInputs();
  const at = (inputs: CircuitInputs, name: string, place: number): bigint => BigInt(known((inputs[name] as string[])[place]));
  const change = (changes: [string, number, bigint | number][], inputs = honest): CircuitInputs => changes.reduce((changed, [name, place, value]) => withElement(changed, name, place, value), inputs);
  /** Refused even when the laboratory itself signs what stands there. */
  const refusesSigned = (changes: [string, number, bigint | number][]): Promise<boolean> => circuit.refuses(batchSignedAnew(change(changes)));

  it("accepts a batch within its specification, and one that fills every place", async () => {
    expect(await circuit.refuses(honest)).toBe(false);
    expect(await circuit.refuses(honestBatchInputs({ specification: fullSpecification, record: goodRecord(fullSpecification) }))).toBe(false);
    expect(batchSignedAnew(specifiedAnew(honest))).toEqual(honest);
  });

  it("has room for 16 tests and 32 phases, and names its public signals in the manifest's order", async () => {
    expect(BATCH_RELEASE.parameters.tests).toBeGreaterThanOrEqual(16);
    expect(BATCH_RELEASE.parameters.phases).toBeGreaterThanOrEqual(32);
    expect((await circuit.witness(honest)).slice(1, 6)).toEqual(batchReleasePublicSignals(batchStatement()).ordered);
  });

  it("accepts an optional test left out, and a late one at the first stage only", async () => {
    expect(await circuit.refuses(honestBatchInputs({ record: withResult(goodRecord(), "osmolalityShift", null) }))).toBe(false);
    const first = honestBatchInputs({ record: withResult(goodRecord(testSpecification, { stage: "first" }), "sterility", null) });
    expect(await circuit.refuses(first)).toBe(false);
    expect(await circuit.refuses({ ...first, specificationCommitment: known(honest.specificationCommitment) })).toBe(true);
    expect(await circuit.refuses(batchSignedAnew({ ...first, isMandatory: known(honest.isMandatory), specificationCommitment: known(honest.specificationCommitment) }))).toBe(true);
  });

  describe("tests", () => {
    it.each([VIABILITY, COPIES, ENDOTOXIN, CELLS, STERILITY, IDENTITY])("mandatory test %d missing cannot pass", async (place) => {
      expect(await refusesSigned([["isPresent", place, 0]])).toBe(true);
      expect(await refusesSigned([["isPresent", place, 0], ["value", place, 0]])).toBe(true);
    });

    it.each([
      ["at the minimum", VIABILITY, "70.0", true],
      ["one unit below the minimum", VIABILITY, "69.9", false],
      ["at the lower end of two", COPIES, "0.02", true],
      ["one unit below it", COPIES, "0.01", false],
      ["at the upper end of two", COPIES, "4.99", true],
      ["one unit above it", COPIES, "5.00", false],
      ["at the maximum", ENDOTOXIN, "0.50", true],
      ["one unit above the maximum", ENDOTOXIN, "0.51", false],
      ["below zero under a maximum alone", ENDOTOXIN, "-0.01", true],
      ["anything without limits", CELLS, "-9223372036854775807", true],
      ["at a negative minimum", SHIFT, "-5", true],
      ["one below a negative minimum, though optional", SHIFT, "-6", false],
      ["one above the maximum, though optional", SHIFT, "6", false],
    ] as const)("%s", async (_name, place, value, provable) => {
      const test = known(testSpecification.tests[place]);
      const encoded = encodeDecimal(value, test.kind === "numeric" ? test.decimals : 0);
      expect(await refusesSigned([["value", place, encoded]])).toBe(!provable);
    });

    it('refuses "less than" against a minimum and "greater than" against a maximum, however good the number', async () => {
      expect(await refusesSigned([["value", VIABILITY, encodeDecimal("99.9", 1)], ["isLessThan", VIABILITY, 1]])).toBe(true);
      expect(await refusesSigned([["isGreaterThan", ENDOTOXIN, 1], ["value", ENDOTOXIN, encodeDecimal("0.01", 2)]])).toBe(true);
      expect(await refusesSigned([["isLessThan", COPIES, 1]])).toBe(true);
      expect(await refusesSigned([["isGreaterThan", COPIES, 1]])).toBe(true);
    });

    it('accepts "less than" up to a maximum alone, "greater than" from a minimum alone, and neither beyond', async () => {
      expect(await refusesSigned([["isLessThan", ENDOTOXIN, 1]])).toBe(false);
      expect(await refusesSigned([["isLessThan", ENDOTOXIN, 1], ["value", ENDOTOXIN, encodeDecimal("0.51", 2)]])).toBe(true);
      expect(await refusesSigned([["isGreaterThan", VIABILITY, 1]])).toBe(false);
      expect(await refusesSigned([["isGreaterThan", VIABILITY, 1], ["value", VIABILITY, encodeDecimal("69.9", 1)]])).toBe(true);
    });

    it("refuses the qualifier 3, even where anything would pass, and qualifiers beyond a bit", async () => {
      expect(await refusesSigned([["isLessThan", CELLS, 1]])).toBe(false);
      expect(await refusesSigned([["isGreaterThan", CELLS, 1]])).toBe(false);
      expect(await refusesSigned([["isLessThan", CELLS, 1], ["isGreaterThan", CELLS, 1]])).toBe(true);
      for (const name of ["isLessThan", "isGreaterThan", "isPresent"]) for (const value of [2n, -1n]) expect([name, value, await refusesSigned([[name, CELLS, value]])]).toEqual([name, value, true]);
      // Where the interval would still lie within the criterion: 0 - 2·0, 2·5, and 2v - (2^64 - 1) of the last v.
      expect(await refusesSigned([["value", CELLS, 0n], ["isLessThan", CELLS, 2n]])).toBe(true);
      expect(await refusesSigned([["value", CELLS, 5n], ["isLessThan", CELLS, -1n]])).toBe(true);
      expect(await refusesSigned([["value", CELLS, 2n ** 64n - 2n], ["isGreaterThan", CELLS, -1n]])).toBe(true);
      expect(await refusesSigned([["isPresent", SHIFT, 2n]])).toBe(true);
    });

    it("refuses an optional result that fails at both ends, read as present -1 times", async () => {
      const failing = batchSignedAnew(change([["value", SHIFT, encodeDecimal("100", 0)], ["isLessThan", SHIFT, 1]]));
      expect(await circuit.refuses(failing)).toBe(true);
      // The same packed element: the mark's two go into the next value as one; both margins change sign.
      expect(await circuit.refuses(change([["isPresent", SHIFT, -1n], ["value", UNUSED, 1n]], failing))).toBe(true);
    });

    it("refuses findings that are not the expected ones, and qualified ones", async () => {
      for (const place of [STERILITY, IDENTITY]) {
        const other = at(honest, "value", place) === DECIMAL_OFFSET ? DECIMAL_OFFSET + 1n : DECIMAL_OFFSET;
        for (const value of [other, 0n, DECIMAL_OFFSET + 2n, DECIMAL_OFFSET - 1n]) expect(await refusesSigned([["value", place, value]])).toBe(true);
        expect(await refusesSigned([["isLessThan", place, 1]])).toBe(true);
        expect(await refusesSigned([["isGreaterThan", place, 1]])).toBe(true);
      }
    });

    it("lets nothing stand in an unused place, nor be demanded there", async () => {
      for (const value of [0n, 1n, DECIMAL_OFFSET, 2n ** 64n - 1n])
        for (const [less, greater] of [[0, 0], [1, 0], [0, 1]] as const)
          expect(await refusesSigned([["isPresent", UNUSED, 1], ["value", UNUSED, value], ["isLessThan", UNUSED, less], ["isGreaterThan", UNUSED, greater]])).toBe(true);
      expect(await circuit.refuses(batchSignedAnew(specifiedAnew(change([["isMandatory", UNUSED, 1]]))))).toBe(true);
    });
  });

  describe("wrap-around", () => {
    it("refuses values of 2^64 and more, p - 1, and a value whose overflow is its neighbour's bit", async () => {
      for (const value of [2n ** 64n, 2n ** 64n + at(honest, "value", CELLS), -1n, FIELD_ORDER / 2n]) {
        expect(await refusesSigned([["value", CELLS, value]])).toBe(true);
        // Of a test that is absent too: what stands there is signed with its neighbours.
        expect(await refusesSigned([["value", SHIFT, value], ["isPresent", SHIFT, 0]])).toBe(true);
      }
      expect(await refusesSigned([["value", SHIFT, 2n ** 64n - 1n], ["isPresent", SHIFT, 0]])).toBe(false);
      const tooMuch = encodeDecimal("0.51", 2);
      // The same packed element: a value over the maximum, read as "less than" a negative one.
      expect(await circuit.refuses(change([["value", ENDOTOXIN, tooMuch - 2n ** 64n], ["isLessThan", ENDOTOXIN, 1]], batchSignedAnew(change([["value", ENDOTOXIN, tooMuch]]))))).toBe(true);
      const tooLittle = encodeDecimal("69.9", 1);
      expect(await circuit.refuses(change([["value", VIABILITY, tooLittle + 2n ** 64n], ["isLessThan", VIABILITY, -1n]], batchSignedAnew(change([["value", VIABILITY, tooLittle]]))))).toBe(true);
    });

    it("refuses criteria that pack to the committed ones with other limits", async () => {
      const low = batchSignedAnew(change([["value", COPIES, encodeDecimal("0.01", 2)]]));
      const high = batchSignedAnew(change([["value", COPIES, encodeDecimal("5.00", 2)]]));
      // The minimum borrows from the maximum, the maximum from the mandatory bit.
      expect(await circuit.refuses(change([["minimum", COPIES, at(honest, "minimum", COPIES) - 2n ** 64n], ["maximum", COPIES, at(honest, "maximum", COPIES) + 1n]], low))).toBe(true);
      expect(await circuit.refuses(change([["maximum", COPIES, at(honest, "maximum", COPIES) + 2n ** 64n], ["isMandatory", COPIES, 0]], high))).toBe(true);
      const absent = batchSignedAnew(change([["isPresent", COPIES, 0]]));
      expect(await circuit.refuses(change([["maximum", COPIES, at(honest, "maximum", COPIES) + 2n ** 64n], ["isMandatory", COPIES, 0]], absent))).toBe(true);
    });

    it.each(["minimum", "maximum"])("refuses a %s of 2^64 or p - 1, even committed so", async (name) => {
      for (const value of [2n ** 64n, 2n ** 64n + 5n, -1n])
        for (const place of [CELLS, UNUSED]) expect([value, place, await circuit.refuses(batchSignedAnew(specifiedAnew(change([[name, place, value]]))))]).toEqual([value, place, true]);
    });

    it("refuses a mandatory mark that is no bit, even committed so", async () => {
      for (const value of [2n, -1n]) expect(await circuit.refuses(batchSignedAnew(specifiedAnew(change([["isMandatory", CELLS, value]]))))).toBe(true);
    });

    it("refuses times of more than 40 bits, and times that pack to the signed ones", async () => {
      const late = batchSignedAnew({ ...honest, signedAt: String(2n ** 40n) });
      expect(await circuit.refuses(late)).toBe(true);
      expect(await circuit.refuses(batchSignedAnew({ ...honest, signedAt: String(2n ** 40n - 1n) }))).toBe(false);
      expect(await circuit.refuses(batchSignedAnew({ ...honest, signedAt: String(MINUS_ONE) }))).toBe(true);
      const [started, completed] = [at(honest, "startedAt", 1), at(honest, "completedAt", 1)];
      expect(await circuit.refuses(change([["startedAt", 1, started + 2n ** 40n], ["completedAt", 1, completed - 1n]]))).toBe(true);
      expect(await circuit.refuses(change([["startedAt", 1, started - 2n ** 40n], ["completedAt", 1, completed + 1n]]))).toBe(true);
    });
  });

  describe("phases", () => {
    const times = (place: number): [bigint, bigint] => [at(honest, "startedAt", place), at(honest, "completedAt", place)];

    it("refuses any phase missing, not started or not completed", async () => {
      for (const place of [0, 2, 4, 31]) {
        expect([place, await refusesSigned([["startedAt", place, 0], ["completedAt", place, 0]])]).toEqual([place, true]);
        expect([place, await refusesSigned([["startedAt", place, 0]])]).toEqual([place, true]);
        expect([place, await refusesSigned([["completedAt", place, 0]])]).toEqual([place, true]);
      }
    });

    it("refuses a record without any phase", async () => {
      const none = { ...honest, startedAt: Array<string>(32).fill("0"), completedAt: Array<string>(32).fill("0") };
      expect(await circuit.refuses(batchSignedAnew(none))).toBe(true);
      expect(await circuit.refuses(batchSignedAnew({ ...none, signedAt: "0" }))).toBe(true);
    });

    it("takes phases that touch, and refuses an overlap of one second", async () => {
      const [, ended] = times(1);
      expect(await refusesSigned([["startedAt", 2, ended]])).toBe(false);
      expect(await refusesSigned([["startedAt", 2, ended - 1n]])).toBe(true);
    });

    it("takes a phase without duration, and refuses one that ends a second before it starts", async () => {
      const [started] = times(3);
      expect(await refusesSigned([["completedAt", 3, started]])).toBe(false);
      expect(await refusesSigned([["completedAt", 3, started - 1n]])).toBe(true);
    });

    it("refuses two phases in each other's place", async () => {
      const [[startOne, endOne], [startTwo, endTwo]] = [times(1), times(2)];
      expect(await refusesSigned([["startedAt", 1, startTwo], ["completedAt", 1, endTwo], ["startedAt", 2, startOne], ["completedAt", 2, endOne]])).toBe(true);
    });

    it("refuses a signature from before the last phase was completed", async () => {
      const [, ended] = times(31);
      expect(await circuit.refuses(batchSignedAnew({ ...honest, signedAt: String(ended) }))).toBe(false);
      expect(await circuit.refuses(batchSignedAnew({ ...honest, signedAt: String(ended - 1n) }))).toBe(true);
    });
  });

  describe("signature and commitments", () => {
    const signed = (changes: Parameters<typeof batchStatement>[0], key = laboratoryKey): Pick<CircuitInputs, "signatureR" | "signatureS"> => {
      const { specification, record, context } = batchStatement(changes);
      const { R8, S } = signBatchResults(specification, record, context, key.privateKey);
      return { signatureR: R8.map(String), signatureS: String(S) };
    };

    it("refuses another key's signature, with its own or the enrolled key", async () => {
      const theirs = signed({}, otherLaboratoryKey);
      expect(await circuit.refuses({ ...honest, ...theirs })).toBe(true);
      expect(await circuit.refuses({ ...honest, ...theirs, publicKey: otherLaboratoryKey.publicKey.map(String) })).toBe(true);
      expect(await circuit.refuses({ ...batchSignedAnew(honest, otherLaboratoryKey), laboratoryKeyCommitment: known(honest.laboratoryKeyCommitment) })).toBe(true);
      expect(await circuit.refuses(batchSignedAnew(honest, otherLaboratoryKey))).toBe(false);
    });

    it("refuses a record altered after signing: a result, its qualifier, its presence, a time, the salt", async () => {
      for (const [name, place, value] of [
        ["value", VIABILITY, at(honest, "value", VIABILITY) + 1n],
        ["isGreaterThan", VIABILITY, 1n],
        ["isPresent", SHIFT, 0n],
        ["startedAt", 2, at(honest, "startedAt", 2) + 1n],
        ["completedAt", 2, at(honest, "completedAt", 2) + 1n],
      ] as const) {
        expect([name, await circuit.refuses(change([[name, place, value]]))]).toEqual([name, true]);
        const withCommitment = { ...batchSignedAnew(change([[name, place, value]])), signatureR: known(honest.signatureR), signatureS: known(honest.signatureS) };
        expect([name, await circuit.refuses(withCommitment)]).toEqual([name, true]);
      }
      expect(await circuit.refuses({ ...honest, salt: String(BigInt(honest.salt as string) + 1n) })).toBe(true);
    });

    it("refuses swapped results: each stands for the test of its place", async () => {
      const swapped = change([["value", VIABILITY, at(honest, "value", ENDOTOXIN)], ["value", ENDOTOXIN, at(honest, "value", VIABILITY)]]);
      expect(await circuit.refuses(swapped)).toBe(true);
      expect(await circuit.refuses(batchSignedAnew(swapped))).toBe(true);
    });

    it("refuses a signature for another context, specification, stage, time or salt", async () => {
      const renamed = { ...testSpecification, tests: testSpecification.tests.map((test) => (test.kind === "numeric" && test.test === "endotoxin" ? { ...test, unit: "[EU]/L" } : test)) };
      const widened = { ...testSpecification, tests: testSpecification.tests.map((test) => (test.kind === "numeric" && test.test === "viabilityPercent" ? { ...test, minimum: "60.0" } : test)) };
      const others: Parameters<typeof batchStatement>[0][] = [
        { context: 4322n },
        { record: goodRecord(testSpecification, { stage: "first" }) },
        { record: goodRecord(testSpecification, { signedAt: goodRecord().signedAt + 1 }) },
        { record: goodRecord(testSpecification, { salt: "3d".repeat(31) }) },
        { specification: { ...testSpecification, version: 4 }, record: goodRecord({ ...testSpecification, version: 4 }) },
        { specification: renamed, record: withResult(goodRecord(renamed), "endotoxin", { qualifier: "equal", value: "0.50", unit: "[EU]/L" }) },
        { specification: widened, record: goodRecord(widened) },
      ];
      for (const other of others) {
        expect(await circuit.refuses({ ...honest, ...signed(other) })).toBe(true);
        const theirs = honestBatchInputs(other);
        expect(await circuit.refuses(theirs)).toBe(false);
        expect(await circuit.refuses({ ...theirs, signatureR: known(honest.signatureR), signatureS: known(honest.signatureS) })).toBe(true);
        if (theirs.specificationCommitment !== honest.specificationCommitment) expect(await circuit.refuses({ ...theirs, specificationCommitment: known(honest.specificationCommitment) })).toBe(true);
      }
    });

    it("refuses criteria or a document that are not the committed ones", async () => {
      for (const [name, place, value] of [["minimum", VIABILITY, 0n], ["maximum", ENDOTOXIN, 2n ** 64n - 1n], ["isMandatory", STERILITY, 0n]] as const) {
        expect([name, await circuit.refuses(change([[name, place, value]]))]).toEqual([name, true]);
        expect([name, await circuit.refuses(batchSignedAnew(change([[name, place, value]])))]).toEqual([name, true]);
      }
      expect(await circuit.refuses({ ...honest, documentDigest: String(BigInt(honest.documentDigest as string) + 1n) })).toBe(true);
    });

    it("refuses every public signal changed by one", async () => {
      for (const name of BATCH_RELEASE.publicSignals) expect([name, await circuit.refuses({ ...honest, [name]: String((BigInt(honest[name] as string) + 1n) % FIELD_ORDER) })]).toEqual([name, true]);
    });
  });

  it("has no wire that can take another value by itself, but the reviewed ones", async () => {
    const free = new Set(freeWires(circuit.system, await circuit.witness(honest)));
    const names = [...circuit.signals].filter(([, wire]) => free.has(wire)).map(([name]) => name);
    expect(names.sort()).toEqual(REVIEWED_FREE_SIGNALS);
    expect(free.size).toBe(REVIEWED_FREE_SIGNALS.length);
  });
});
