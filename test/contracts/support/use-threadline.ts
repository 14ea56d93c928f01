import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { openThreadline } from "./threadline.ts";
import type { Threadline } from "./threadline.ts";

/** Preparing may prove segments, which takes seconds each and more on a busy machine. */
export const PREPARE_TIMEOUT = 240_000;

/**
 * One deployment for a test file, put back to how it was after each test.
 * `prepare` runs once, on the fresh deployment; read the result through the function returned.
 */
export function useThreadline(
  options: Parameters<typeof openThreadline>[0] = {},
  prepare: (threadline: Threadline) => Promise<void> = async () => {},
): () => Threadline {
  let threadline: Threadline | undefined;
  let snapshot: unknown;
  const current = () => {
    if (threadline === undefined) throw new Error("the chain is not open yet: use it inside a test");
    return threadline;
  };
  beforeAll(async () => {
    threadline = await openThreadline(options);
    await prepare(threadline);
  }, PREPARE_TIMEOUT);
  beforeEach(async () => {
    snapshot = await current().provider.request({ method: "evm_snapshot", params: [] });
  });
  afterEach(async () => {
    await current().provider.request({ method: "evm_revert", params: [snapshot] });
  });
  afterAll(async () => {
    await threadline?.close();
  });
  return current;
}
