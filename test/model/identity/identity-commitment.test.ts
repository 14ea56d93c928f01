import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIELD_ORDER, invertFieldElement } from "../../../services/model/field.ts";
import {
  assertBlinding,
  blindingFromBytes,
  checkCharacter,
  coiToNumber,
  identityCommitment,
  identityLinkContext,
  identityLinkPublicSignals,
  patientToNumber,
} from "../../../services/model/identity/index.ts";

const COI = "CHW123426AB12CD";
const opening = { coi: COI, patient: "5a".repeat(31), blinding: 77n };

describe("an identifier as a number", () => {
  it("is its fifteen ASCII characters, the first highest", () => {
    expect(coiToNumber(COI)).toBe(BigInt(`0x${Buffer.from(COI, "latin1").toString("hex")}`));
    expect(coiToNumber(COI)).toBeLessThan(2n ** 120n);
  });

  it("is the same for every form it is written in", () => {
    expect(coiToNumber(`&/${COI}`)).toBe(coiToNumber(COI));
    expect(coiToNumber(`CHW1234 26 AB12CD ${checkCharacter(COI)}`)).toBe(coiToNumber(COI));
  });

  it.each(["", "CHW123426AB12C", "CHW123426AB12CDX", "XXW123426AB12CD", "CHW1234 26 AB12CD ?"])("refuses %j", (text) => {
    expect(() => coiToNumber(text)).toThrow(expect.objectContaining({ code: "identity-malformed" }));
  });
});

describe("a pseudonym and a blinding as numbers", () => {
  it("reads 31 bytes, with or without 0x", () => {
    expect(patientToNumber("ff".repeat(31))).toBe(2n ** 248n - 1n);
    expect(patientToNumber(`0x${"ff".repeat(31)}`)).toBe(2n ** 248n - 1n);
    expect(patientToNumber(null)).toBe(0n);
    expect(blindingFromBytes(new Uint8Array(31).fill(1))).toBe(BigInt(`0x${"01".repeat(31)}`));
  });

  it.each(["", "00".repeat(31), "5a".repeat(30), "5a".repeat(32), "zz".repeat(31)])("refuses the pseudonym %j", (text) => {
    expect(() => patientToNumber(text)).toThrow(expect.objectContaining({ code: "pseudonym-malformed" }));
  });

  it("refuses blindings of another length, and none at all", () => {
    expect(() => blindingFromBytes(new Uint8Array(32))).toThrow(expect.objectContaining({ code: "blinding-malformed" }));
    for (const blinding of [0n, -1n, 2n ** 248n]) expect(() => assertBlinding(blinding)).toThrow(expect.objectContaining({ code: "blinding-malformed" }));
    expect(() => identityCommitment({ ...opening, blinding: 0n })).toThrow(expect.objectContaining({ code: "blinding-malformed" }));
  });
});

describe("an identity commitment", () => {
  it("changes with each of its parts", () => {
    const commitments = [opening, { ...opening, coi: "CHW123426AB12CE" }, { ...opening, patient: null }, { ...opening, patient: "5b".repeat(31) }, { ...opening, blinding: 78n }].map(identityCommitment);
    expect(new Set(commitments).size).toBe(commitments.length);
  });

  it("refuses a context beyond the field", () => {
    expect(() => identityLinkPublicSignals({ ...opening, linkedBlinding: 78n, context: FIELD_ORDER })).toThrow(expect.objectContaining({ code: "identity-link-not-provable" }));
  });

  it("is bound to chain, contract, journey and step", () => {
    const parts = { chainId: 31_337n, contract: `0x${"11".repeat(20)}`, journeyId: `0x${"22".repeat(32)}`, step: 3 };
    const contexts = [parts, { ...parts, chainId: 1n }, { ...parts, contract: `0x${"12".repeat(20)}` }, { ...parts, journeyId: `0x${"23".repeat(32)}` }, { ...parts, step: 4 }].map(identityLinkContext);
    expect(new Set(contexts).size).toBe(contexts.length);
    for (const context of contexts) expect(context < 2n ** 253n).toBe(true);
  });
});

describe("inverses in the field", () => {
  it("undo multiplication", () => fc.assert(fc.property(fc.bigInt({ min: 1n, max: FIELD_ORDER - 1n }), (value) => (value * invertFieldElement(value)) % FIELD_ORDER === 1n)));
  it("are had for negative numbers too, and never for 0", () => {
    expect(invertFieldElement(-1n)).toBe(FIELD_ORDER - 1n);
    for (const zero of [0n, FIELD_ORDER]) expect(() => invertFieldElement(zero)).toThrow(RangeError);
  });
});
