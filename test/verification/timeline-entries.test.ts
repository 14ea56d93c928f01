import { describe, expect, it } from "vitest";
import { divergenceText, durationText, shortHash } from "../../services/verification/timeline-entries.ts";

describe("words of a timeline", () => {
  it.each([
    [0, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3_661, "1 h 1 min"],
    [86_400, "1 d"],
    [90_061, "1 d 1 h"],
    [-75, "-1 min 15 s"],
  ])("say %d seconds as %s", (seconds, text) => expect(durationText(seconds)).toBe(text));

  it("shorten a hash and name a divergence's place", () => {
    expect(shortHash(`0x${"ab".repeat(32)}`)).toBe("0xababababab…");
    expect(shortHash(null)).toBe("unknown");
    const divergence = { kind: "salt-wrong", what: "salt", expected: "a", actual: "b" } as const;
    expect(divergenceText(divergence)).toBe("salt-wrong: salt: expected a, found b");
    expect(divergenceText({ ...divergence, sequence: 4 })).toBe("event 4: salt-wrong: salt: expected a, found b");
  });
});
