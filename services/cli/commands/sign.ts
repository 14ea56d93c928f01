import { readFileSync } from "node:fs";
import { createSigningClient, openKeyFile, openLedgerView } from "../../client/index.ts";
import type { CheckedRequest, LedgerPlace, SigningClient, SigningKey, SigningRequest } from "../../client/index.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { apiClient, chainOf } from "../endpoints.ts";
import { askPassphrase, confirm } from "../passphrase.ts";
import { printJson } from "../print.ts";

export interface SignOptions {
  key: string;
  passphraseFile?: string;
  yes?: boolean;
  rpc?: string;
  addresses?: string;
}

/**
 * Signs an act with the key of a file and does it. What is signed is shown first: who signs, what it means, on which
 * record; the passphrase is asked after that, so that the signature is made by who read it (21 CFR 11.50, 11.200).
 */
export async function sign(journeyId: string, request: SigningRequest, options: SignOptions): Promise<void> {
  await withClient(options, async (client) => {
    const checked = await client.prepare(journeyId, request);
    show(checked);
    const answer = await client.signAndSubmit(checked, await confirmedKey(options));
    finish(answer);
  });
}

/** Captures an EPCIS document with the signature of the organisation's own key under each event. */
export async function signCapture(journeyId: string, file: string, options: SignOptions): Promise<void> {
  const document = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  await sign(journeyId, { act: "custody-event", document }, options);
}

/** Ends hosted signing for the organisation: no way back but by the consortium's administrator. */
export async function signOwnKeys(gln: string, options: SignOptions): Promise<void> {
  await withClient(options, async (client) => {
    process.stderr.write(`From now on no node signs for ${gln}; only its own keys do, and only they admit others.\n`);
    finish(await client.requireOwnKeys(gln, await confirmedKey(options)));
  });
}

/** Prints the endorsement of another account; the operator adds the person with it. */
export async function signEndorsement(gln: string, account: string, options: SignOptions): Promise<void> {
  await withClient(options, async (client) => {
    process.stderr.write(`The account ${account} is to sign for ${gln}.\n`);
    printJson({ account, endorsement: await client.endorse(gln, account, await confirmedKey(options)) });
  });
}

async function withClient(options: SignOptions, work: (client: SigningClient) => Promise<void>): Promise<void> {
  const { rpcUrl, addresses } = chainOf(options);
  const view = await openLedgerView({ rpcUrl, addresses: addresses as unknown as LedgerPlace["addresses"] });
  try {
    await work(createSigningClient({ ledger: view.ledger }, { api: apiClient(), view }));
  } finally {
    view.close();
  }
}

async function confirmedKey(options: SignOptions): Promise<SigningKey> {
  if (!(await confirm("Sign this?", options.yes))) throw new ThreadlineError("not-confirmed", "nothing was signed");
  return openKeyFile(options.key, await askPassphrase(options));
}

function show({ journeyId, signer, statements }: CheckedRequest): void {
  const by = signer.name === signer.organisation ? signer.name : `${signer.name}, for ${signer.organisation}`;
  const lines = [`Signer:  ${by}`, `Account: ${signer.account}`, `Journey: ${journeyId}`];
  for (const { meaning, recordHash, facts } of statements) {
    lines.push(`Meaning: ${meaning}`, `Record:  ${recordHash}`);
    for (const check of (facts["checks"] ?? []) as { check: string; name: string | null; status: string }[])
      lines.push(`         ${check.status.padEnd(13)} ${check.check}${check.name === null ? "" : ` ${check.name}`}`);
  }
  process.stderr.write(`${lines.join("\n")}\n`);
}

function finish(answer: { status: number; body: Record<string, unknown> }): void {
  if (answer.status >= 400) {
    const { detail, title } = answer.body as { detail?: string; title?: string };
    throw new ThreadlineError("api-refused", `the API answered ${answer.status}: ${detail ?? title ?? "no reason given"}`, { status: answer.status });
  }
  printJson(answer.body);
}
