import { Interface } from "ethers";
import type { Result } from "ethers";
import { expect } from "vitest";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";

const errors = new Interface(
  (
    [
      "ParticipantRegistry",
      "DeviceRegistry",
      "FlowRegistry",
      "ExceptionCatalogue",
      "ExceptionRegister",
      "CustodyLedger",
      "ConditionProofs",
      "DispositionRegister",
      "IdentityChecks",
      "EquipmentRegistry",
      "ReleaseRegister",
      "SpecificationRegistry",
      "BatchProofs",
      "AccessGrants",
      "AuditAnchors",
    ] as const
  ).flatMap((name) => readArtifact(name).abi.filter((entry) => (entry as { type?: string }).type === "error")),
);

/** Expects a revert with this custom error of any Threadline contract, arguments included. */
export async function expectRevert(call: Promise<unknown>, name: string, args: readonly unknown[]): Promise<void> {
  const error = await call.then(
    () => {
      throw new Error(`expected ${name}, but the call succeeded`);
    },
    (reason: unknown) => reason,
  );
  const data = revertData(error);
  if (data === undefined) throw error;
  const parsed = errors.parseError(data);
  expect({ name: parsed?.name, args: plain(parsed?.args) }).toEqual({ name, args: args.map(normalise) });
}

/** Expects OpenZeppelin's refusal of a caller without the role. */
export function expectMissingRole(call: Promise<unknown>, account: string, role: string): Promise<void> {
  return expectRevert(call, "AccessControlUnauthorizedAccount", [account, role]);
}

/** What a failed call reverted with, wherever the provider put it. */
export function revertData(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("data" in error && typeof error.data === "string") return error.data;
  for (const key of ["error", "info", "cause", "data"] as const) {
    if (key in error) {
      const found = revertData((error as Record<string, unknown>)[key]);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function plain(args: Result | undefined): unknown[] {
  return args === undefined ? [] : args.toArray().map(normalise);
}

function normalise(value: unknown): unknown {
  return typeof value === "number" ? BigInt(value) : typeof value === "string" ? value.toLowerCase() : value;
}

/** Name of the custom error a call failed with; undefined for another failure. */
export function revertName(error: unknown): string | undefined {
  const data = revertData(error);
  return data === undefined ? undefined : errors.parseError(data)?.name;
}
