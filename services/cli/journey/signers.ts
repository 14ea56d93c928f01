import { createSigningClient, openLedgerView } from "../../client/index.ts";
import type { ApiClient, ApiResponse, LedgerPlace, SigningKey, SigningRequest } from "../../client/index.ts";
import { ThreadlineError } from "../../model/errors.ts";

type Answer = ApiResponse<{ detail?: string; title?: string }>;

/** A party that signs on its own machine, through the signing client: never through the node that it signs for. */
export interface PartySigner {
  /** Does an act with the party's signature; a refusal, at either half, is its answer. */
  perform(journeyId: string, request: SigningRequest): Promise<Answer>;
}

interface Parts {
  place: LedgerPlace;
  /** The played time, Unix seconds: the signers' clock. */
  now: () => number;
}

/** Signers over the ledger itself; `close` it. */
export async function createSigners({ place, now }: Parts) {
  const view = await openLedgerView(place);
  return {
    signer(api: ApiClient, key: SigningKey): PartySigner {
      const client = createSigningClient({ ledger: view.ledger, now }, { api, view });
      return {
        async perform(journeyId, request) {
          try {
            return (await client.signAndSubmit(await client.prepare(journeyId, request), key)) as Answer;
          } catch (error) {
            if (!(error instanceof ThreadlineError) || error.code !== "api-refused") throw error;
            const { status, problem } = error.details as { status: number; problem: Answer["body"] };
            return { status, body: problem, headers: new Headers() };
          }
        },
      };
    },
    close: view.close,
  };
}
