import { expect, it } from "vitest";
import { isDue } from "../../../services/oracle/audit/anchoring.ts";

const NOON = Date.parse("2026-03-02T12:00:00Z");
const HOUR = 3_600_000;

it("is due after its time, and at the close of a day however lately it was done", () => {
  expect(isDue(NOON, NOON + HOUR - 1, HOUR)).toBe(false);
  expect(isDue(NOON, NOON + HOUR, HOUR)).toBe(true);
  expect(isDue(NOON + 12 * HOUR - 1, NOON + 12 * HOUR, HOUR)).toBe(true);
  expect(isDue(NOON + 12 * HOUR, NOON + 12 * HOUR + 1, HOUR)).toBe(false);
});
