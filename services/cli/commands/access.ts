import { readFileSync, writeFileSync } from "node:fs";
import { exportJWK, generateKeyPair } from "jose";
import type { JWK } from "jose";
import { z } from "zod";
import { keyNumberOf, openText } from "../../model/privacy/envelope.ts";
import { openWrap } from "../../model/privacy/key-wrap.ts";
import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

const path = (journeyId: string) => `/journeys/${encodeURIComponent(journeyId)}`;

/** Makes a key pair, keeps it in a file only its owner may read, and registers its public part. */
export async function makeEncryptionKey(file: string): Promise<void> {
  const { publicKey, privateKey } = await generateKeyPair("ECDH-ES+A256KW", { crv: "X25519", extractable: true });
  writeFileSync(file, `${JSON.stringify(await exportJWK(privateKey), null, 2)}\n`, { mode: 0o600, flag: "wx" });
  const { kty, crv, x } = await exportJWK(publicKey);
  const client = apiClient();
  printJson(await client.must(client.post("/encryption-keys", { publicKey: { kty, crv, x } })));
}

export async function grantAccess(journeyId: string, options: { recipient: string; scopes: string }): Promise<void> {
  const client = apiClient();
  const body = { recipient: options.recipient, scopes: options.scopes.split(",") };
  printJson(await client.must(client.post(`${path(journeyId)}/grants`, body)));
}

export async function revokeAccess(journeyId: string, grantId: string): Promise<void> {
  const client = apiClient();
  printJson(await client.must(client.post(`${path(journeyId)}/grants/${encodeURIComponent(grantId)}/revocation`, {})));
}

export async function listGrants(journeyId: string): Promise<void> {
  const client = apiClient();
  printJson(await client.must(client.get(`${path(journeyId)}/grants`)));
}

const sealedSchema = z.looseObject({
  keys: z.array(z.looseObject({ jwe: z.string() })),
  events: z.array(z.looseObject({ commitment: z.string().nullable(), place: z.string(), envelope: z.string() })),
});

/** Decrypts on this machine; an event under a key that was not granted is named, not left out. */
export async function openGranted(journeyId: string, options: { key: string }): Promise<void> {
  const privateKey = JSON.parse(readFileSync(options.key, "utf8")) as JWK;
  const client = apiClient();
  const { keys, events } = sealedSchema.parse(await client.must(client.get(`${path(journeyId)}/sealed`)));
  const opened = await Promise.all(keys.map(({ jwe }) => openWrap(privateKey, jwe)));
  const content = new Map(opened.filter(({ purpose }) => purpose === "content").map(({ number, key }) => [number, Buffer.from(key, "base64url")]));
  printJson({
    journeyId,
    events: events.map(({ commitment, place, envelope }) => {
      const key = content.get(keyNumberOf(envelope));
      return { commitment, content: key === undefined ? null : (JSON.parse(openText(key, place, envelope)) as unknown) };
    }),
  });
}
