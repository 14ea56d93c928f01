import { z } from "zod";

/** What the payloads of operations are made of; seconds are Unix seconds as the ledger holds them, 40 bits. */
export const bytes32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/, "32 bytes as hex");
export const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address");
export const seconds = z.int().min(0).max(2 ** 40 - 1);
export const signature = z.string().regex(/^0x[0-9a-fA-F]{130}$/, "a signature of 65 bytes");
/** Account whose kept key signs; null for the organisation's own integration. */
export const account = address.nullable().default(null);
