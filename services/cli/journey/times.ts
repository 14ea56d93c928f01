import { eventsOf } from "./capture.ts";
import type { JourneyFolder } from "./folder.ts";

/** Whether a document holds the step that ends a leg. */
export function endsLeg(folder: JourneyFolder, text: string): boolean {
  return eventsOf(text).some((event) => folder.flow.legs.some((leg) => leg.to === event["threadline:step"]));
}

/** Unix seconds of the last event in a document, 0 when it has none. */
export function latestEventTime(text: string): number {
  return Math.max(0, ...eventsOf(text).map((event) => Math.floor(Date.parse(event.eventTime ?? "") / 1000) || 0));
}

/** Unix seconds of the first thing that happens in a folder. */
export function earliestTime(folder: JourneyFolder): number {
  const events = [...folder.documents.values()].flatMap(eventsOf).map((event) => Date.parse(event.eventTime ?? "") / 1000);
  const readings = [...folder.readings.values()].flatMap((list) => list.slice(0, 1)).map((reading) => reading.timeSeconds);
  const times = [...events, ...readings].filter(Number.isFinite);
  return times.length === 0 ? Math.floor(Date.now() / 1000) : Math.floor(Math.min(...times));
}
