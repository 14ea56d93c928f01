import type { MqttClient } from "mqtt";
import { deviceTopics } from "../device/index.ts";
import type { Assignment, Logger } from "../device/index.ts";
import { READINGS_PER_SEGMENT, segmentContext, timeUnitSeconds } from "../model/condition/index.ts";
import { presentLeg } from "./leg-directory.ts";
import type { AssignedLeg, LegDirectory } from "./leg-directory.ts";

export interface AssignmentPublisher {
  /** Publishes what changed since the last call, retained. */
  publishChanges(): void;
  /** A new connection: the broker may have forgotten, so everything is published again. */
  republish(): void;
}

/** Tells each device which leg it watches. */
export function createAssignmentPublisher(
  config: { topicRoot: string; ledger: { conditionProofsAddress: string; chainId: bigint | number } },
  parts: { legs: LegDirectory; connection: MqttClient; logger: Logger },
): AssignmentPublisher {
  const published = new Map<string, string>();

  function assignmentOf(leg: AssignedLeg): Assignment {
    const { journeyId, profile } = leg;
    const { chainId, conditionProofsAddress: contract } = config.ledger;
    return {
      journeyId,
      leg: leg.leg,
      context: segmentContext({ chainId, contract, journeyId, leg: leg.leg }).toString(),
      profile,
      timeUnitSeconds: timeUnitSeconds(profile.longestGapSeconds),
      readingsPerSegment: READINGS_PER_SEGMENT,
    };
  }

  function publishChanges(): void {
    const byTopic = new Map<string, string>();
    for (const { giai } of parts.legs.legs()) {
      const leg = presentLeg(parts.legs.legsOf(giai));
      if (leg === null || leg.ownerGln === null) continue;
      byTopic.set(deviceTopics(config.topicRoot, leg.ownerGln, giai).assignment, JSON.stringify(assignmentOf(leg)));
    }
    for (const topic of published.keys()) if (!byTopic.has(topic)) byTopic.set(topic, "null");
    for (const [topic, text] of byTopic) {
      if (published.get(topic) === text) continue;
      published.set(topic, text);
      parts.connection.publish(topic, text, { qos: 1, retain: true }, (error) => {
        if (error) parts.logger.warn({ topic, error: error.message }, "an assignment was not published");
      });
    }
  }

  return {
    publishChanges,
    republish() {
      published.clear();
      publishChanges();
    },
  };
}
