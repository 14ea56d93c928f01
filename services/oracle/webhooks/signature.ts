import { createHmac, randomBytes } from "node:crypto";

/** A new secret: 32 random bytes, shown once. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64url")}`;
}

/**
 * Value of `Threadline-Signature`: `t=<Unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 (RFC 2104, FIPS 180-4), under the
 * whole secret as it was shown, of `<Unix seconds>.<body>`. While a rotation is under way there is one v1 for each secret.
 * A receiver computes it over the bytes it got, compares in constant time, and refuses a time it thinks too old.
 */
export function webhookSignature(secrets: readonly string[], unixSeconds: number, body: string): string {
  const marks = secrets.map((secret) => createHmac("sha256", secret).update(`${unixSeconds}.${body}`).digest("hex"));
  return [`t=${unixSeconds}`, ...marks.map((mark) => `v1=${mark}`)].join(",");
}
