import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const secretsSchema = z.strictObject({
  /** Seals hosted signing keys and state blindings; losing it loses the power to sign for hosted participants. */
  nodeSecret: z.string().regex(/^[0-9a-f]{64}$/),
  operatorKey: z.string().min(32),
  bridgePassword: z.string().min(32),
});

export type NodeSecrets = z.output<typeof secretsSchema>;

/** Secrets of this node, made at its first start and kept readable by its owner only. */
export function nodeSecrets(home: string): NodeSecrets {
  const file = join(home, "secrets.json");
  if (existsSync(file)) return secretsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const secrets: NodeSecrets = {
    nodeSecret: randomBytes(32).toString("hex"),
    operatorKey: `tl_${randomBytes(32).toString("base64url")}`,
    bridgePassword: randomBytes(32).toString("base64url"),
  };
  writeFileSync(`${file}.new`, JSON.stringify(secrets, null, 2) + "\n", { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return secrets;
}
