import { z } from "zod";

/** Duties of a participant; the place in this list is its bit in `ParticipantRegistry`. */
export const ROLES = [
  "treatment-centre",
  "apheresis-centre",
  "manufacturing-site",
  "logistics-provider",
  "qualified-person",
  "regulator",
  "auditor",
  "oracle",
  "quality-assurance",
  "testing-laboratory",
  "payer",
] as const;

export type Role = (typeof ROLES)[number];

export const roleSchema = z.enum(ROLES);

/** Bitmap of duties as the ledger stores it. */
export function rolesToBitmap(roles: readonly Role[]): number {
  return roles.reduce((bitmap, role) => bitmap | (1 << ROLES.indexOf(role)), 0);
}

/** Duties named by a bitmap, in the order of `ROLES`. */
export function bitmapToRoles(bitmap: number): Role[] {
  return ROLES.filter((_, bit) => (bitmap & (1 << bit)) !== 0);
}
