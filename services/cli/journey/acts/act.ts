import type { z } from "zod";
import type { DeviceKeys } from "../../../device/device-keys.ts";
import type { ApiClient } from "../../api-client.ts";
import type { JourneyFolder } from "../folder.ts";
import type { Logger } from "../loggers.ts";
import type { PlayedJourney } from "../player.ts";
import type { PartySigner } from "../signers.ts";

/** Where an act is played: the journey as it stands, and who can be asked. */
export interface Stage {
  folder: JourneyFolder;
  journeyId: string;
  operator: ApiClient;
  /** Client of a participant or a person by the folder's id; the operator's for any other. */
  client(id: string | undefined): ApiClient;
  /** How a party whose key is its own signs; null for one whose key the node keeps. */
  signer(id: string | undefined): PartySigner | null;
  logger(giai: string): Logger;
  /** Keys of an enrolled logger or laboratory. Throws for one that the folder does not enrol. */
  keysOf(giai: string): DeviceKeys;
  played: PlayedJourney;
  /** Moves the played time, and the development chain's clock with it; never back. Returns it, Unix seconds. */
  advanceTo(unixSeconds: number): Promise<number>;
  /** When the last leg's end was captured, by the clock of `performance`. */
  legEndedAt: number;
  /** When the last reading was handed over, while no release followed. */
  lastReadingAt: number | undefined;
  /** When the last step that is no release began to be played, while no release followed. */
  lastFactAt: number | undefined;
  /** Milliseconds from `performance` time to the first excursion on the ledger; null when none came. */
  excursionSince(from: number): Promise<number | null>;
}

/** One kind of step in `journey.json`: its form, what it says while it is played, and how it is played. */
export interface Act<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  describe(step: z.output<Schema>): string;
  play(step: z.output<Schema>, stage: Stage): Promise<void>;
}

export function act<Schema extends z.ZodType>(definition: Act<Schema>): Act<Schema> {
  return definition;
}
