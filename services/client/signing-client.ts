import { hexlify, randomBytes } from "ethers";
import { z } from "zod";
import { flowDocumentHash, flowSchema } from "../model/custody/index.ts";
import type { FlowDefinition } from "../model/custody/index.ts";
import { participantIdOf } from "../model/custody/identifiers.ts";
import { ThreadlineError } from "../model/errors.ts";
import { meaningOf, recordHashOf, typedDataOf } from "../model/signing/index.ts";
import type { SigningLedger, Statement, TypedData } from "../model/signing/index.ts";
import type { ApiClient, ApiResponse } from "./api-client.ts";
import { eventCount } from "./custody-document.ts";
import { expectedStatements } from "./expected-statements.ts";
import type { LedgerView } from "./ledger-view.ts";
import { notAsAsked } from "./not-as-asked.ts";
import type { Chosen, SigningRequest } from "./requests.ts";
import type { SigningKey } from "./signing-key.ts";
import { submissionOf } from "./submissions.ts";

export interface SigningClientConfiguration {
  /** The chain and the contracts the signer means; a signature is good for no other. Never taken from the oracle. */
  ledger: SigningLedger;
  /** The signer's clock, Unix seconds; default: this machine's. */
  now?: () => number;
}

export interface SigningClientParts {
  /** The oracle, with the signer's API key. */
  api: ApiClient;
  /** The ledger itself, to hold head and flow against; without it they are as the oracle shows them. */
  view?: LedgerView;
}

/** What a signer is shown before signing (21 CFR 11.50), each statement checked to be what was asked for. */
export interface CheckedRequest {
  journeyId: string;
  request: SigningRequest;
  signer: { account: string; name: string; organisation: string };
  statements: { statement: Statement; meaning: string; recordHash: string; facts: Record<string, unknown> }[];
  chosen: Chosen;
}

export interface SignedStatement {
  message: Record<string, string | number>;
  facts: Record<string, unknown>;
  /** Unix seconds. */
  signedAt: number;
  signature: string;
}

export interface SigningClient {
  /** Asks what to sign and checks it. Throws `not-what-was-asked`, and `api-refused` with the oracle's own words. */
  prepare(journeyId: string, request: SigningRequest): Promise<CheckedRequest>;
  /** Signs what was checked and does the act. */
  signAndSubmit(checked: CheckedRequest, key: SigningKey): Promise<ApiResponse<Record<string, unknown>>>;
  /** Ends hosted signing for the signer's organisation. */
  requireOwnKeys(gln: string, key: SigningKey): Promise<ApiResponse<Record<string, unknown>>>;
  /** Vouches for another account of the organisation; the operator sends it along when the person is added. */
  endorse(gln: string, account: string, key: SigningKey): Promise<{ signedAt: string; signature: string }>;
}

const answerSchema = z.object({
  signer: z.object({ account: z.string(), name: z.string(), organisation: z.string() }),
  flow: z.object({ name: z.string(), version: z.int(), documentHash: z.string() }),
  statements: z.array(
    z.object({
      typedData: z.object({
        domain: z.object({ name: z.string(), version: z.string(), chainId: z.string(), verifyingContract: z.string() }),
        primaryType: z.string(),
        message: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
      facts: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** A client that signs on its own machine and believes nothing it can make itself. */
export function createSigningClient({ ledger, now = () => Math.floor(Date.now() / 1000) }: SigningClientConfiguration, { api, view }: SigningClientParts): SigningClient {
  async function flowOf(journeyId: string, { name, version, documentHash }: { name: string; version: number; documentHash: string }): Promise<FlowDefinition> {
    const flow = flowSchema.parse(await api.must(api.get(`/flows/${name}/${version}`)));
    if (flowDocumentHash(flow) !== documentHash) throw notAsAsked(`the flow "${name}" is not the document ${documentHash}`);
    if (view !== undefined && !(await view.followsFlow(journeyId, documentHash))) throw notAsAsked("the journey follows another flow on the ledger");
    return flow;
  }

  async function requireHead(statement: Statement): Promise<void> {
    if (view === undefined || !("head" in statement.message)) return;
    const head = await view.head(statement.message.journeyId);
    if (head !== statement.message.head) throw notAsAsked(`the record shown has the head ${statement.message.head}, the ledger has ${head}`);
  }

  async function sign(statement: Statement, key: SigningKey): Promise<{ typedData: TypedData; signedAt: number; signature: string }> {
    const signedAt = now();
    const typedData = typedDataOf(statement, ledger, signedAt);
    return { typedData, signedAt, signature: await key.sign(typedData) };
  }

  return {
    async prepare(journeyId, asked) {
      // As it will arrive: what is signed is what JSON carries.
      const request = JSON.parse(JSON.stringify(asked)) as SigningRequest;
      const count = request.act === "custody-event" ? eventCount(request.document) : 0;
      const chosen = { reasonSalt: random(), grantId: random(), salts: Array.from({ length: count }, random) };
      const body = bodyOf(request, chosen);
      const { signer, flow: flowName, statements: answered } = answerSchema.parse(await api.must(api.post(`/journeys/${journeyId}/signing-requests`, body)));
      const flow = await flowOf(journeyId, flowName);
      const prepared = answered.map(({ typedData, facts }) => ({ message: typedData.message, facts }));
      const expected = await expectedStatements(journeyId, request, chosen, flow, prepared);
      if (expected.length !== prepared.length) throw notAsAsked("it prepared another number of statements");
      const statements = expected.map((statement, index) => {
        requireSame(statement, ledger, answered[index]?.typedData);
        return { statement, meaning: meaningOf(statement, flow), recordHash: recordHashOf(statement, now()), facts: prepared[index]?.facts ?? {} };
      });
      for (const { statement } of statements) await requireHead(statement);
      return { journeyId, request, signer, statements, chosen };
    },
    async signAndSubmit({ journeyId, request, signer, statements, chosen }, key) {
      if (signer.account.toLowerCase() !== key.account.toLowerCase())
        throw new ThreadlineError("another-account", `the API key is of ${signer.name}, whose account is ${signer.account}; this key is of ${key.account}`);
      const signed: SignedStatement[] = [];
      for (const { statement, facts } of statements) {
        const { typedData, signedAt, signature } = await sign(statement, key);
        signed.push({ message: typedData.message, facts, signedAt, signature });
      }
      const { path, body } = submissionOf(journeyId, request, chosen, signed);
      return api.post(path, body);
    },
    async requireOwnKeys(gln, key) {
      const { signedAt, signature } = await sign({ act: "own-keys", message: { participantId: participantIdOf(gln) } }, key);
      return api.post("/own-keys", { signedAt: rfc3339(signedAt), signature });
    },
    async endorse(gln, account, key) {
      const { signedAt, signature } = await sign({ act: "account-endorsement", message: { participantId: participantIdOf(gln), account } }, key);
      return { signedAt: rfc3339(signedAt), signature };
    },
  };
}

const random = () => hexlify(randomBytes(32));
const rfc3339 = (seconds: number) => new Date(seconds * 1000).toISOString();

/** The request in the oracle's form, with the signer's random values. */
function bodyOf(request: SigningRequest, { reasonSalt, grantId, salts }: Chosen): Record<string, unknown> {
  switch (request.act) {
    case "exception-transition":
    case "disposition":
    case "exceptional-release-step":
      return { ...request, reasonSalt };
    case "access-grant":
      return { act: request.act, recipient: request.recipient, scopes: request.scopes, grantId };
    case "identity-check":
      return { act: request.act, linkedCommitment: request.linkedCommitment };
    case "custody-event":
      return { ...request, salts };
    default:
      return { ...request };
  }
}

/** Every value of what was prepared against what is to be signed, the time aside: it is the signer's. */
function requireSame(statement: Statement, ledger: SigningLedger, prepared: z.output<typeof answerSchema>["statements"][number]["typedData"] | undefined): void {
  const own = typedDataOf(statement, ledger, 0);
  if (prepared === undefined) throw notAsAsked("a statement is missing");
  const same = (left: unknown, right: unknown) => String(left).toLowerCase() === String(right).toLowerCase();
  if (prepared.primaryType !== own.primaryType) throw notAsAsked(`it is a ${prepared.primaryType}, not a ${own.primaryType}`);
  for (const [member, value] of Object.entries({ ...own.domain, ...own.message })) {
    if (member === "signedAt") continue;
    const given = member in own.message ? prepared.message[member] : prepared.domain[member as keyof typeof prepared.domain];
    if (!same(given, value)) throw notAsAsked(`its ${member} is ${given}, expected ${String(value)}`, { member, given, expected: String(value) });
  }
  const extra = Object.keys(prepared.message).find((member) => !(member in own.message));
  if (extra !== undefined) throw notAsAsked(`it carries a ${extra} besides`);
}
