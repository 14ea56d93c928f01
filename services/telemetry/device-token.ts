import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Broker password of a device: HMAC-SHA256 of its GIAI under the node's secret, base64url. The node keeps no list of
 * passwords; changing the secret changes them all.
 */
export function deviceToken(secret: Uint8Array | string, giai: string): string {
  return createHmac("sha256", secret).update(`threadline/device/${giai}`).digest("base64url");
}

/** Compares without telling by its duration how much was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
