import { randomBytes } from "node:crypto";
import { createSegmentBuilder } from "../model/condition/index.ts";
import type { Reading, Segment } from "../model/condition/index.ts";
import type { OpenReadings } from "./message-store.ts";
import type { Assignment } from "./messages.ts";

/** A sealed segment, the leg it belongs to, and the readings a restarted device would begin the next one with. */
export interface DeviceSegment {
  assignment: Assignment;
  segment: Segment;
  open: OpenReadings;
}

export interface Segmenter {
  /** Segments that closed while the open readings of a stopped device were taken up again. */
  resumed: DeviceSegment[];
  add(reading: Reading): DeviceSegment[];
  /** Closes the open segment; null when it holds nothing new. */
  seal(): DeviceSegment | null;
}

/** Cuts one leg's readings into segments, going on from the open readings of a device that was stopped. */
export function createSegmenter(assignment: Assignment, stopped: OpenReadings): Segmenter {
  const builder = createSegmentBuilder({
    profile: assignment.profile,
    context: BigInt(assignment.context),
    salt: () => BigInt(`0x${randomBytes(31).toString("hex")}`),
    readingsPerSegment: assignment.readingsPerSegment,
  });
  let last: Reading | null = null;
  let unsealed = 0;

  function add(reading: Reading): DeviceSegment[] {
    const { sealed, gap } = builder.add(reading);
    last = reading;
    if (sealed.length === 0) {
      unsealed += 1;
      return [];
    }
    // A gap closes the segment before this reading, a full segment closes with it.
    unsealed = gap === null ? 0 : 1;
    return sealed.map(({ segment }) => ({ assignment, segment, open: { readings: [reading], firstIsSealed: gap === null } }));
  }

  function seal(): DeviceSegment | null {
    if (unsealed === 0 || last === null) return null;
    const sealed = builder.seal();
    unsealed = 0;
    return sealed === null ? null : { assignment, segment: sealed.segment, open: { readings: [last], firstIsSealed: true } };
  }

  const resumed = stopped.readings.flatMap((reading, index) => {
    const segments = add(reading);
    if (index === 0 && stopped.firstIsSealed) unsealed = 0;
    return segments;
  });
  return { resumed, add, seal };
}
