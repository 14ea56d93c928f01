import { ThreadlineError } from "../model/errors.ts";

export const DEFAULT_TOPIC_ROOT = "threadline/v1";

/** What a device publishes: readings for live watching, segments as evidence. */
export const MESSAGE_TOPICS = ["readings", "segments"] as const;

export type MessageTopic = (typeof MESSAGE_TOPICS)[number];

/** Topics of one device; a GIAI may hold `/` and `+`, so it is percent-encoded. */
export interface DeviceTopics {
  readings: string;
  segments: string;
  /** Application receipts, from the bridge after its durable write. */
  receipts: string;
  /** Retained: the leg the device watches now. */
  assignment: string;
}

export function deviceTopics(root: string, ownerGln: string, giai: string): DeviceTopics {
  const base = `${root}/${ownerGln}/${encodeURIComponent(giai)}`;
  return {
    readings: `${base}/readings`,
    segments: `${base}/segments`,
    receipts: `${base}/receipts`,
    assignment: `${base}/assignment`,
  };
}

export interface ParsedTopic {
  ownerGln: string;
  giai: string;
  leaf: string;
}

/** GS1 AI 8004: up to 30 characters of GS1 AI encodable character set 82. */
const GIAI = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,30}$/;

/** Parts of `{root}/{gln}/{giai}/{leaf}`. Throws `topic-invalid` for any other topic. */
export function parseDeviceTopic(root: string, topic: string): ParsedTopic {
  const parts = topic.startsWith(`${root}/`) ? topic.slice(root.length + 1).split("/") : [];
  const [ownerGln, encodedGiai, leaf] = parts;
  if (parts.length !== 3 || ownerGln === undefined || encodedGiai === undefined || leaf === undefined || !/^\d{13}$/.test(ownerGln))
    throw new ThreadlineError("topic-invalid", `"${topic}" is not ${root}/{gln}/{giai}/{readings|segments}`, { topic });
  const giai = decode(encodedGiai);
  if (giai === null || !GIAI.test(giai) || encodeURIComponent(giai) !== encodedGiai)
    throw new ThreadlineError("topic-invalid", `"${encodedGiai}" in "${topic}" is not a percent-encoded GIAI`, { topic });
  return { ownerGln, giai, leaf };
}

function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}
