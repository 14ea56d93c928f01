import { signSegment } from "../model/condition/index.ts";
import type { Reading } from "../model/condition/index.ts";
import type { DeviceKeys } from "./device-keys.ts";
import { createMessageSigner, keyIdOf } from "./message-signature.ts";
import type { StoreRecord } from "./message-store.ts";
import { LARGEST_READINGS_MESSAGE, readingToWire, segmentToWire } from "./messages.ts";
import type { DeviceMessage } from "./messages.ts";
import type { DeviceSegment } from "./segmenter.ts";

type MessageRecord = Extract<StoreRecord, { type: "message" }>;

export interface MessageComposer {
  readingsMessages(readings: readonly Reading[], readingsPerMessage: number): Promise<MessageRecord>[];
  segmentMessage(segment: DeviceSegment): Promise<MessageRecord>;
}

/** Gives each message its sequence number, in the order of the calls, and signs it. */
export function createMessageComposer(config: { giai: string; keyEpoch: number; keys: DeviceKeys; nextSequence: number }): MessageComposer {
  const { giai, keyEpoch, keys } = config;
  const signer = createMessageSigner(keys.messageKey, keyIdOf(giai, keyEpoch));
  let nextSequence = config.nextSequence;

  function number() {
    const sequence = nextSequence;
    nextSequence += 1;
    return { giai, keyEpoch, sequence };
  }

  async function signed(message: DeviceMessage): Promise<MessageRecord> {
    return { type: "message", sequence: message.sequence, kind: message.type, body: await signer.sign(message) };
  }

  return {
    readingsMessages(readings, readingsPerMessage) {
      const size = Math.min(Math.max(1, readingsPerMessage), LARGEST_READINGS_MESSAGE);
      const messages: Promise<MessageRecord>[] = [];
      for (let start = 0; start < readings.length; start += size)
        messages.push(signed({ type: "readings", ...number(), readings: readings.slice(start, start + size).map(readingToWire) }));
      return messages;
    },
    async segmentMessage({ assignment, segment, open }) {
      const { journeyId, leg } = assignment;
      const identity = number();
      const wire = segmentToWire(segment, signSegment(segment, keys.signingKey));
      return { ...(await signed({ type: "segment", ...identity, journeyId, leg, ...wire })), open };
    },
  };
}
