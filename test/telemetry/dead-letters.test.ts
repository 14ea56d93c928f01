import { describe, expect, it } from "vitest";
import { KEPT_PAYLOAD_BYTES, keptPayload } from "../../services/telemetry/dead-letters.ts";

describe("payload of a dead letter", () => {
  it("is the text itself, or base64 when it is no text a database takes", () => {
    expect(keptPayload(Buffer.from("plain – text"))).toBe("plain – text");
    expect(keptPayload(Buffer.from([0xff]))).toBe("base64:/w==");
    expect(keptPayload(Buffer.from("a\u0000b"))).toBe("base64:YQBi");
    expect(keptPayload(Buffer.alloc(0))).toBe("");
  });

  it("is cut at the limit, with its length", () => {
    expect(keptPayload(Buffer.alloc(KEPT_PAYLOAD_BYTES, "x"))).toBe("x".repeat(KEPT_PAYLOAD_BYTES));
    expect(keptPayload(Buffer.alloc(KEPT_PAYLOAD_BYTES + 1, "x"))).toBe(`${"x".repeat(KEPT_PAYLOAD_BYTES)} [cut: ${KEPT_PAYLOAD_BYTES + 1} bytes]`);
  });
});
