import type { TypedDataField } from "ethers";
import type { Role } from "../custody/roles.ts";
import { rolesSee } from "./views.ts";

/**
 * What a grant opens, bit by bit; `IAccessGrants.AccessGranted.scope`. Milestones are told and not sealed: a grant of nothing
 * else wraps no key and has no key thumbprint.
 */
export const ACCESS_SCOPES = { content: 1, identity: 2, milestones: 4 } as const;

/** Stands for the key thumbprint in a grant that wraps no key. */
export const NO_KEY_THUMBPRINT = `0x${"0".repeat(64)}`;

/** The twin of `AccessGrants.EVERY_SCOPE`. */
export const EVERY_SCOPE = Object.values(ACCESS_SCOPES).reduce((every: number, scope) => every | scope, 0);

export type AccessScope = keyof typeof ACCESS_SCOPES;

/** Duties that may grant and revoke access to what a journey disclosed; the twin of `AccessGrants.GRANTING_DUTIES`. */
export const GRANTING_ROLES: readonly Role[] = [
  "treatment-centre",
  "apheresis-centre",
  "manufacturing-site",
  "qualified-person",
  "quality-assurance",
];

/** Scopes that none of a recipient's duties may see: a grant cannot show a courier or a payer what their view withholds. */
export function scopesBeyond(roles: readonly Role[], scopes: readonly AccessScope[]): AccessScope[] {
  return scopes.filter((scope) => !rolesSee(roles, scope));
}

/** Whether a grant of these scopes wraps keys: milestones are told, not sealed. */
export function wrapsKeys(scopes: readonly AccessScope[]): boolean {
  return scopes.some((scope) => scope !== "milestones");
}

export function scopesToBitmap(scopes: readonly AccessScope[]): number {
  return scopes.reduce((bitmap, scope) => bitmap | ACCESS_SCOPES[scope], 0);
}

export function bitmapToScopes(bitmap: number): AccessScope[] {
  return (Object.keys(ACCESS_SCOPES) as AccessScope[]).filter((scope) => (bitmap & ACCESS_SCOPES[scope]) !== 0);
}

/** Key thumbprint on the ledger of a grant that wraps no key. */
export const NO_KEY = `0x${"0".repeat(64)}`;

/** Whether a grant of these scopes is told only, and wraps no key. */
export function wrapsNothing(scopes: readonly AccessScope[]): boolean {
  return scopes.every((scope) => scope === "milestones");
}

/** Signed by who grants; checked by `AccessGrants`. `signedAt` is Unix seconds. */
export const ACCESS_GRANT_TYPES: Record<string, TypedDataField[]> = {
  AccessGrant: [
    { name: "grantId", type: "bytes32" },
    { name: "journeyId", type: "bytes32" },
    { name: "participantId", type: "bytes32" },
    { name: "scope", type: "uint8" },
    { name: "keyThumbprint", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by who revokes; checked by `AccessGrants`. */
export const ACCESS_REVOCATION_TYPES: Record<string, TypedDataField[]> = {
  AccessRevocation: [
    { name: "grantId", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};
