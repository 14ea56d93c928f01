import { Hl7Message as IndependentMessage } from "@medplum/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acknowledgementOf, parseHl7Message, patientEventOf } from "../../../services/model/patient/hl7/index.ts";
import { escapeText, fieldOf, STANDARD_SEPARATORS, unescapeText } from "../../../services/model/patient/hl7/message.ts";

const header = (event: string, processing = "P", version = "2.5.1") =>
  `MSH|^~\\&|ADT1|GOOD HEALTH HOSPITAL|THREADLINE|NODE|20260302090000||ADT^${event}^ADT_A39|CTRL0001|${processing}|${version}`;
const message = (event: string, ...segments: string[]) => [header(event), "EVN||20260302090000", ...segments].join("\r") + "\r";
const authority = "HOSP&2.16.840.1.113883.19.5&ISO";
const system = "urn:oid:2.16.840.1.113883.19.5";
const read = (text: string) => patientEventOf(parseHl7Message(text));

describe("ADT messages", () => {
  it("A40: the identifier of MRG-1 is subsumed by that of PID-3", () => {
    const pair = { surviving: { system, value: "MRN-2" }, subsumed: { system, value: "MRN-1" } };
    for (const event of ["A40", "A34", "A18"])
      expect(read(message(event, `PID|1||MRN-2^^^${authority}^MR||DOE^JANE`, `MRG|MRN-1^^^${authority}^MR`))).toEqual({
        kind: "merge",
        pairs: [pair],
      });
    const twice = message("A40", `PID|1||2^^^${authority}`, `MRG|1^^^${authority}`, `PID|2||4^^^${authority}`, "PV1|1", `MRG|3^^^${authority}`);
    expect(read(twice)).toMatchObject({ pairs: [{ surviving: { value: "2" } }, { surviving: { value: "4" }, subsumed: { value: "3" } }] });
  });

  it("pairs by assigning authority and type, and leaves out what stays the same", () => {
    const text = message(
      "A40",
      `PID|1||900^^^NATIONAL^NI~MRN-2^^^${authority}^MR~55^^^LAB&lab.example&DNS^PI`,
      `MRG|MRN-1^^^${authority}^MR~900^^^NATIONAL^NI~54^^^LAB&lab.example&DNS^PI`,
    );
    expect(read(text)).toEqual({
      kind: "merge",
      pairs: [
        { surviving: { system, value: "MRN-2" }, subsumed: { system, value: "MRN-1" } },
        { surviving: { system: "hl7v2:DNS:lab.example", value: "55" }, subsumed: { system: "hl7v2:DNS:lab.example", value: "54" } },
      ],
    });
  });

  it("A37: the two identifiers are unlinked", () => {
    expect(read(message("A37", `PID|1||2^^^${authority}`, "PV1|1", `PID|2||1^^^${authority}`))).toEqual({
      kind: "unlink",
      pair: { surviving: { system, value: "2" }, subsumed: { system, value: "1" } },
    });
  });

  it("passes over what changes no identifier, and refuses what does and is not supported", () => {
    expect(read(message("A08", `PID|1||2^^^${authority}`))).toMatchObject({ kind: "none" });
    for (const event of ["A47", "A24", "A29", "A99", ""]) expect(read(message(event))).toMatchObject({ kind: "unsupported", error: "201" });
    expect(read(header("A40").replace("ADT^A40", "ORU^R01"))).toMatchObject({ kind: "unsupported", error: "200" });
    for (const processing of ["T", "D", ""]) expect(read(header("A40", processing))).toMatchObject({ kind: "unsupported", error: "202" });
    for (const version of ["3.0", "2", ""]) expect(read(header("A40", "P", version))).toMatchObject({ kind: "unsupported", error: "203" });
  });

  it("reads the separators a message declares, and escapes", () => {
    const text = ["MSH#*!?@#A#B#C#D#20260302##ADT*A40#1#P#2.5", "PID#1##M?S?2***H@1.2@ISO", "MRG#M?X5E?1***H@1.2@ISO"].join("\r\n");
    expect(read(text)).toEqual({
      kind: "merge",
      pairs: [{ surviving: { system: "urn:oid:1.2", value: "M*2" }, subsumed: { system: "urn:oid:1.2", value: "M^1" } }],
    });
  });
});

describe("malformed messages", () => {
  const pid = `PID|1||2^^^${authority}^MR`;
  it.each([
    ["empty", ""],
    ["no MSH", pid],
    ["MSH alone", "MSH"],
    ["three encoding characters", "MSH|^~\\|A"],
    ["a separator used twice", "MSH|^^\\&|A"],
    ["a letter as separator", "MSHa^~\\&aB"],
    ["a short segment name", `${header("A40")}\rPI|1`],
    ["a second message", `${header("A40")}\r${header("A40")}`],
    ["a segment without separator after its name", `${header("A40")}\rPID1`],
    ["too many segments", `${header("A40")}\r${"NTE|1\r".repeat(600)}`],
  ])("%s is not read", (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "hl7-malformed" }));
  });

  it.each([
    ["an open escape", `PID|1||a\\b^^^${authority}`],
    ["an unknown escape", `PID|1||a\\Z9\\b^^^${authority}`],
    ["a control character by escape", `PID|1||a\\X0D\\b^^^${authority}`],
    ["highlighting inside an identifier", `PID|1||a\\H\\b^^^${authority}`],
  ])("%s in an identifier is refused", (_, segment) => {
    expect(() => read(message("A40", segment, `MRG|1^^^${authority}`))).toThrow(expect.objectContaining({ code: "hl7-malformed" }));
  });

  it.each([
    ["no PID", [`MRG|1^^^${authority}`], "100"],
    ["no MRG", [pid], "100"],
    ["MRG before PID", [`MRG|1^^^${authority}`, pid], "100"],
    ["two MRG", [pid, `MRG|1^^^${authority}`, `MRG|3^^^${authority}`], "100"],
    ["PID-3 empty", ["PID|1||", `MRG|1^^^${authority}`], "101"],
    ['PID-3 deleted ("")', ['PID|1||""', `MRG|1^^^${authority}`], "101"],
    ["MRG-1 empty", [pid, "MRG|"], "101"],
    ["no assigning authority", [pid, "MRG|1"], "101"],
    ["another assigning authority", [pid, "MRG|1^^^OTHER"], "101"],
    ["no identifier beside its authority", [pid, `MRG|^^^${authority}`], "102"],
    ["an unreadable character", [pid, `MRG|\uFFFD1^^^${authority}`], "102"],
    ["two candidates", [`PID|1||2^^^${authority}^MR~3^^^${authority}^MR`, `MRG|1^^^${authority}^MR`], "102"],
  ])("%s is an error with a code", (_, segments, error) => {
    expect(() => read(message("A40", ...segments))).toThrow(expect.objectContaining({ code: "hl7-invalid", details: { error } }));
  });

  it("never crashes, and never says what a message holds", () => {
    const piece = fc.constantFrom("MSH", "PID", "MRG", "|", "^", "~", "\\", "&", "\r", "A40", "ADT", "P", "2.5", "SECRET", "\\X", '""');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          read(`${header("A40")}\r${pieces.join("")}`);
        } catch (error) {
          expect((error as { code?: string }).code).toMatch(/^hl7-/);
          expect((error as Error).message).not.toContain("SECRET");
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("encoding", () => {
  it("reads back any text it wrote", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = text.replaceAll(/\p{Cc}/gu, " ");
        expect(unescapeText(STANDARD_SEPARATORS, escapeText(STANDARD_SEPARATORS, text))).toBe(plain);
      }),
      { seed: 3 },
    );
  });

  it("takes fields apart as an independent parser does", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9 .-]{0,6}$/);
    const field = fc
      .array(fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
      .map((repetitions) => repetitions.map((parts) => parts.map((part) => part.join("&")).join("^")).join("~"));
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (fields) => {
        const text = `${header("A40")}\rPID|${fields.join("|")}`;
        const [ours, theirs] = [parseHl7Message(text), IndependentMessage.parse(text)];
        const segment = ours.segments[1];
        if (segment === undefined) throw new Error("the message lost its PID");
        fields.forEach((_, place) => {
          fieldOf(ours, segment, place + 1).forEach((parts, repetition) =>
            parts.forEach((part, component) =>
              part.forEach((value, subcomponent) =>
                expect(value).toBe(theirs.getSegment("PID")?.getComponent(place + 1, component + 1, subcomponent, repetition)),
              ),
            ),
          );
        });
      }),
      { seed: 5 },
    );
  });
});

describe("the acknowledgement", () => {
  const answeredAt = new Date("2026-03-02T09:00:01.500Z");

  it("goes back to the sender, repeats the control id and names the error", () => {
    const text = acknowledgementOf(parseHl7Message(message("A40")), { code: "AE", text: "a|b", error: "204", controlId: "c1", answeredAt });
    expect(text.split("\r")).toEqual([
      "MSH|^~\\&|THREADLINE|NODE|ADT1|GOOD HEALTH HOSPITAL|20260302090001+0000||ACK^A40^ACK|c1|P|2.5.1",
      "MSA|AE|CTRL0001|a\\F\\b",
      "ERR|||204^Unknown key identifier^HL70357|E||||a\\F\\b",
      "",
    ]);
    expect(IndependentMessage.parse(text).getAckType()).toBe("AE");
  });

  it("is written in the standard separators, whatever the message used", () => {
    const strange = "MSH#*!?@#A|B*X@Y#F#C#D#20260302##ADT*A40#1#P#2.5";
    const text = acknowledgementOf(parseHl7Message(strange), { code: "AA", text: "", controlId: "c1", answeredAt });
    expect(text).toContain("MSH|^~\\&|C|D|A\\F\\B^X&Y|F|");
  });

  it("is given even when nothing could be read", () => {
    const text = acknowledgementOf(undefined, { code: "AR", text: "no MSH", error: "102", controlId: "c1", answeredAt });
    expect(text).toMatch(/^MSH\|\^~\\&\|\|\|\|\|20260302090001\+0000\|\|ACK\|c1\|P\|2\.5\.1\rMSA\|AR\|\|no MSH\rERR/);
  });
});
