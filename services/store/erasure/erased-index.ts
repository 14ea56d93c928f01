import { randomBytes } from "node:crypto";

/** What stands for a blind index that was destroyed: unique, and made of nothing. */
export const erasedIndex = (): string => `erased:${randomBytes(32).toString("hex")}`;
