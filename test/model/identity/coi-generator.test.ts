import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateCoiIdentifier, parseCoiIdentifier, personalDataFault, readsAsDate } from "../../../services/model/identity/index.ts";
import type { PersonalData } from "../../../services/model/identity/index.ts";

const FACILITY = "A9999";

const offered = (sequence: string, screenedAgainst?: PersonalData) => () =>
  generateCoiIdentifier({ facility: FACILITY, year: 2026, source: { kind: "sequence", sequence }, ...(screenedAgainst === undefined ? {} : { screenedAgainst }) });

const drawn = (screenedAgainst: PersonalData) =>
  generateCoiIdentifier({ facility: FACILITY, year: 2026, source: { kind: "random", randomBytes }, screenedAgainst });

/** An invented patient. */
const PATIENT: PersonalData = {
  givenNames: ["Zoë", "Anne-Marie"],
  familyNames: ["van Quist"],
  birthDate: "1985-01-23",
  recordNumbers: ["MRN 00-7731942"],
};

const patient: fc.Arbitrary<PersonalData> = fc.record({
  givenNames: fc.array(fc.string({ unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"), minLength: 3, maxLength: 8 }), { minLength: 1, maxLength: 1 }),
  familyNames: fc.array(fc.string({ unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"), minLength: 3, maxLength: 8 }), { minLength: 1, maxLength: 1 }),
  birthDate: fc.date({ min: new Date("1920-01-01"), max: new Date("2025-12-31"), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  recordNumbers: fc.array(fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 6, maxLength: 10 }), { minLength: 1, maxLength: 2 }),
});

describe("a generated Chain of Identity identifier", () => {
  test("has facility, year and six characters, and is valid", () => {
    for (let count = 0; count < 500; count += 1) {
      const made = drawn(PATIENT);
      expect(made.coi).toMatch(/^CHA999926[0-9A-Z]{6}$/);
      expect(parseCoiIdentifier(made.coi)).toEqual({ ok: true, value: made });
      expect(readsAsDate(made.sequence)).toBe(false);
    }
  });

  test("takes every character equally often", () => {
    const counts = new Map<string, number>();
    for (let count = 0; count < 6000; count += 1)
      for (const character of drawn({}).sequence) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(36);
    // 36,000 characters, 1,000 of each expected: six standard deviations are 190.
    for (const [character, count] of counts) expect([character, count > 800 && count < 1200]).toEqual([character, true]);
  });

  test("takes a running number as it is", () => {
    expect(offered("000001")().coi).toBe("CHA999926000001");
    expect(offered("00000Z")().coi).toBe("CHA99992600000Z");
  });

  test("never comes of anything known of the patient", () => {
    fc.assert(
      fc.property(patient, (personal) => {
        const { sequence } = drawn(personal);
        expect(personalDataFault(sequence, personal)).toBeNull();
      }),
    );
  });

  test("is refused whatever of the patient it is made of", () => {
    fc.assert(
      fc.property(patient, fc.nat(7), (personal, way) => {
        const [given = "", family = "", record = ""] = [personal.givenNames?.[0], personal.familyNames?.[0], personal.recordNumbers?.[0]];
        const [year = "", month = "", day = ""] = (personal.birthDate ?? "").split("-");
        const initials = given.charAt(0) + family.charAt(0);
        const ways = [
          year.slice(2) + month + day, day + month + year.slice(2), month + day + year.slice(2), year + month,
          (family + given + family).slice(0, 6), initials + day + month, `X${initials}${day}7`, record.slice(-6),
        ];
        const sequence = ways[way] ?? "";
        if (sequence.length !== 6) throw new Error(`way ${way} is no six characters`);
        expect(offered(sequence, personal)).toThrow(/The sequence offered/);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ["850123", "yymmdd"], ["230185", "ddmmyy"], ["012385", "mmddyy"], ["198501", "year and month"], ["011985", "month and year"],
    ["ZV8501", "initials"], ["QZ0000", "initials, family name first"], ["0ZAMVQ", "all initials"], ["QUIST0", "family name"],
    ["0ANNE0", "part of a given name"], ["ZOE001", "given name without its accent"], ["773194", "record number"], ["AB2301", "day and month"], ["0123AB", "month and day"], ["A1985B", "year"], ["X1942X", "end of the record number"],
  ])("%s is refused: %s", (sequence) => expect(offered(sequence, PATIENT)).toThrow(/The sequence offered/));

  test("a date is refused although no patient is named", () => {
    for (const sequence of ["850123", "230185", "012385", "010101"])
      expect(offered(sequence)).toThrow(/reads as a date/);
    for (const sequence of ["000001", "991399", "A50123"]) expect(offered(sequence)).not.toThrow();
  });

  test("a name of two letters is refused, one of a single letter is not", () => {
    expect(offered("0LI000", { familyNames: ["Li"] })).toThrow(/name/);
    expect(offered("0O0000", { familyNames: ["O"] })).not.toThrow();
  });

  test("a short record number is refused with leading zeros", () => {
    expect(offered("000042", { recordNumbers: ["42"] })).toThrow(/record number/);
    expect(offered("000042", { recordNumbers: ["0"] })).not.toThrow();
  });

  test("the refusal says nothing of the patient", () => {
    for (const sequence of ["QUIST0", "850123", "773194"]) {
      try {
        offered(sequence, PATIENT)();
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toMatch(/quist|1985|850123|7731|zo/i);
      }
    }
  });

  test.each([["", 2026], ["12345", 2026], ["1234567", 2026], ["00000a", 2026], [" 00001", 2026], ["00001*", 2026], ["000001", 26], ["000001", 2026.5]])(
    "sequence %j in year %d is malformed",
    (sequence, year) =>
      expect(() => generateCoiIdentifier({ facility: FACILITY, year, source: { kind: "sequence", sequence } })).toThrow(),
  );

  test("a facility must have the form of a facility identification number", () => {
    for (const facility of ["", "O9999", "A999", "A99999", "a9999", "A 999"])
      expect(() => generateCoiIdentifier({ facility, year: 2026, source: { kind: "random", randomBytes } })).toThrow();
  });

  test("a random source that gives nothing usable is named", () => {
    for (const broken of [() => new Uint8Array(6).fill(255), () => new Uint8Array(0), () => new Uint8Array([0, 1, 0, 1, 0, 1])])
      expect(() => generateCoiIdentifier({ facility: FACILITY, year: 2026, source: { kind: "random", randomBytes: broken } })).toThrow(/random source/);
  });
});
