import type { ApiClient } from "../api-client.ts";

const POLL_MILLISECONDS = 25;
const PROOF_WAIT_MILLISECONDS = 900_000;
const EXCEPTION_WAIT_MILLISECONDS = 30_000;
/** The bridge flags a leg without readings up to its end this long after the end was captured, and a sweep later. */
export const LEG_END_MILLISECONDS = 4_500;

interface Proofs {
  segments: { status: string; ledger: unknown }[];
}

/** Waits until the ledger has all that was captured, or refused it. */
export async function ledgerDone(operator: ApiClient, journeyId: string): Promise<void> {
  for (;;) {
    const { pendingOperations } = await operator.must(operator.get<{ pendingOperations: number }>(`/journeys/${journeyId}`));
    if (pendingOperations === 0) return;
    await pause();
  }
}

/** Waits as a qualified person would: until no segment is left that may still be proven. */
export async function proofsDone(operator: ApiClient, journeyId: string, legEndedAt: number): Promise<void> {
  await pause(Math.max(0, legEndedAt + LEG_END_MILLISECONDS - performance.now()));
  const deadline = performance.now() + PROOF_WAIT_MILLISECONDS;
  for (;;) {
    const { segments } = await operator.must(operator.get<Proofs>(`/journeys/${journeyId}/proofs`));
    const underWay = segments.some(({ status, ledger }) => status === "sealed" || status === "proving" || (status === "proven" && ledger === null));
    if (!underWay || performance.now() > deadline) break;
    await pause();
  }
  await ledgerDone(operator, journeyId);
}

/** Waits until every identity check that a scan began is on the ledger, or has no proof. */
export async function identityChecksDone(operator: ApiClient, journeyId: string): Promise<void> {
  for (;;) {
    const path = `/journeys/${journeyId}/identity-checks`;
    const { identityChecks } = await operator.must(operator.get<{ identityChecks: { status: string }[] }>(path));
    if (identityChecks.every(({ status }) => status === "recorded" || status === "unprovable")) return;
    await pause();
  }
}

/** Waits until every signed result is on the ledger, or recorded as one that has no proof. */
export async function batchProofsDone(operator: ApiClient, journeyId: string): Promise<void> {
  for (;;) {
    const path = `/journeys/${journeyId}/batch-results`;
    const { results } = await operator.must(operator.get<{ results: { status: string; onLedger: boolean }[] }>(path));
    if (results.every(({ status, onLedger }) => status === "recorded" || onLedger)) return;
    await pause();
  }
}

export function pause(milliseconds = POLL_MILLISECONDS): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Listens for exceptions on the ledger, as a quality desk would, and remembers when the first excursion arrived. */
export function watchExceptions(operator: ApiClient, journeyId: string) {
  const controller = new AbortController();
  let arrivedAt: number | undefined;
  let wake: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (wake = resolve));
  const listening = operator
    .stream(`/journeys/${journeyId}/stream`, controller.signal, ({ type, data }) => {
      const code = (data as { data?: { code?: string }; code?: string }).data?.code ?? (data as { code?: string }).code;
      if (type === "exception" && arrivedAt === undefined && (code === "temperature-excursion" || code === "tilt-excursion")) {
        arrivedAt = performance.now();
        wake();
      }
    })
    .catch(() => undefined);
  return {
    async since(from: number): Promise<number | null> {
      await Promise.race([arrived, listening, new Promise((resolve) => setTimeout(resolve, EXCEPTION_WAIT_MILLISECONDS).unref())]);
      return arrivedAt === undefined ? null : Math.max(0, Math.round(arrivedAt - from));
    },
    stop: () => controller.abort(),
  };
}
