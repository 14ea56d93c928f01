import type { LedgerPlace } from "../../client/index.ts";
import { createApiClient } from "../api-client.ts";
import { describeStep, playStep } from "./acts/index.ts";
import type { Stage } from "./acts/act.ts";
import type { JourneyFolder } from "./folder.ts";
import { createLoggers } from "./loggers.ts";
import { onboard, openJourney } from "./onboard.ts";
import { createSigners } from "./signers.ts";
import { earliestTime } from "./times.ts";
import { LEG_END_MILLISECONDS, ledgerDone, proofsDone, watchExceptions } from "./waiting.ts";

/** What an outside client knows of a network: addresses, and credentials it was given. */
export interface PlayedNetwork {
  httpUrl: string;
  mqttUrl: string;
  operatorKey: string;
  /** The chain, where parties that sign themselves look for what they sign on. */
  rpcUrl: string;
  addresses: Record<string, string>;
  deviceToken(giai: string): string;
  /** Sets the development chain's clock to the played time; undefined on a chain that keeps its own. */
  advanceClock?: ((unixSeconds: number) => Promise<void>) | undefined;
}

export interface PlayedJourney {
  journeyId: string;
  captured: number;
  /** Captures, by file name, and scans the node did not take; the play goes on. */
  refusals: { capture: string; reason: string }[];
  /** Decisions in order; `afterLastFactMs` is how long after the last fact was handed over, null when a decision came between. */
  releases: { gate: string; granted: boolean; reason: string; afterLastFactMs: number | null }[];
  lastReadingToReleaseMs: number | null;
  excursionToLedgerMs: number | null;
  keys: Map<string, string>;
}

/** Plays a journey folder through HTTP and MQTT, as hospitals, couriers, manufacturers and loggers would. */
export async function playJourney(
  folder: JourneyFolder,
  network: PlayedNetwork,
  report: (done: number, total: number, line: string) => void,
): Promise<PlayedJourney> {
  const operator = createApiClient(network.httpUrl, network.operatorKey);
  await network.advanceClock?.(earliestTime(folder) - 3_600);
  const { clients, keys, devices, signingKeys } = await onboard(folder, operator, network.httpUrl);
  const client: Stage["client"] = (id) => clients.get(id ?? "") ?? operator;
  const journeyId = await openJourney(folder, client, operator);
  const played: PlayedJourney = {
    journeyId,
    captured: 0,
    refusals: [],
    releases: [],
    lastReadingToReleaseMs: null,
    excursionToLedgerMs: null,
    keys,
  };
  const watch = watchExceptions(operator, journeyId);
  const loggers = createLoggers(folder, network, devices);
  let nowSeconds = earliestTime(folder);
  const place = { rpcUrl: network.rpcUrl, addresses: network.addresses as LedgerPlace["addresses"] };
  const now = network.advanceClock === undefined ? () => Math.floor(Date.now() / 1000) : () => nowSeconds;
  const signers = await createSigners({ place, now });
  const stage: Stage = {
    folder,
    journeyId,
    operator,
    client,
    signer(id) {
      const key = signingKeys.get(id ?? "");
      return key === undefined ? null : signers.signer(client(id), key);
    },
    logger: (giai) => loggers.of(giai),
    keysOf(giai) {
      const found = devices.get(giai);
      if (found === undefined) throw new RangeError(`the folder enrols no device ${giai}`);
      return found;
    },
    played,
    async advanceTo(unixSeconds) {
      nowSeconds = Math.max(nowSeconds, unixSeconds);
      await network.advanceClock?.(nowSeconds);
      return nowSeconds;
    },
    legEndedAt: -LEG_END_MILLISECONDS,
    lastReadingAt: undefined,
    lastFactAt: undefined,
    excursionSince: (from) => watch.since(from),
  };
  const { steps } = folder.description;
  try {
    for (const [index, step] of steps.entries()) {
      report(index + 1, steps.length, describeStep(step));
      if (!("release" in step)) stage.lastFactAt = performance.now();
      await playStep(step, stage);
      await ledgerDone(operator, journeyId);
    }
    await proofsDone(operator, journeyId, stage.legEndedAt);
  } finally {
    watch.stop();
    signers.close();
    await loggers.close();
  }
  return played;
}
