import type { JourneyFolder } from "./folder.ts";

/** GLN of a participant; the first one's when none is named. */
export function glnOf(folder: JourneyFolder, id: string | undefined): string {
  const participant = folder.description.participants.find((candidate) => candidate.id === id) ?? folder.description.participants[0];
  return participant?.gln ?? "";
}
