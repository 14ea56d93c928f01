import type { AuditEvent, AuditReport, Divergence } from "./audit-report.ts";
import { counted } from "./checks/check.ts";
import { durationText } from "./duration-text.ts";
import { isoTime } from "./registry-state.ts";

export { durationText } from "./duration-text.ts";

export type TimelineKind = "custody" | "condition" | "exception" | "release";

/** One line of a journey's story, ready for text or a page. */
export interface TimelineEntry {
  /** Unix seconds. */
  at: number;
  kind: TimelineKind;
  title: string;
  /** Lines under the title. */
  notes: string[];
  /** True when the entry holds a release or diverges. */
  isSerious: boolean;
  divergences: Divergence[];
}

const CUSTODY_WORDS = {
  none: "custody unchanged",
  take: "takes custody",
  hold: "in custody",
  release: "hands over",
  accept: "accepts custody",
} as const;

const ORDER: TimelineKind[] = ["custody", "condition", "exception", "release"];

/** The report's events, proven conditions, exceptions and releases in the order of their times. */
export function timelineEntries(report: AuditReport): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    ...report.events.map(custodyEntry),
    ...report.proofs.flatMap((proof): TimelineEntry[] => {
      const last = proof.segments.at(-1);
      const first = proof.segments[0];
      if (first === undefined || last === undefined) return [];
      return [
        {
          at: last.to,
          kind: "condition",
          title: `Leg ${proof.leg}: condition ${proof.status}`,
          notes: [
            `${counted(proof.segments.length, "proven segment")} from ${isoTime(first.from)} to ${isoTime(last.to)}`,
            `device ${proof.giai === null ? shortHash(proof.deviceId) : `GIAI ${proof.giai}`}, attested by its ${proof.attestation ?? "unknown"}`,
            ...(proof.reason === null ? [] : [proof.reason]),
          ],
          isSerious: proof.status === "not-compliant",
          divergences: [],
        },
      ];
    }),
    ...report.exceptions.map(
      (exception): TimelineEntry => ({
        at: exception.occurredAt,
        kind: "exception",
        title: `Exception ${exception.number}: ${exception.code} (${exception.class})`,
        notes: [
          ...(exception.leg === null ? [] : [`leg ${exception.leg}`]),
          ...(exception.observed === null
            ? []
            : [`observed ${String(exception.observed)}, limit ${String(exception.limit)} ${exception.unit ?? ""}`]),
          ...(exception.message === null ? [] : [exception.message]),
          ...exception.transitions.map(
            ({ to, participantId, signedAt }) => `${isoTime(signedAt)} ${to}, signed for ${shortHash(participantId)}`,
          ),
          `${exception.stage}: ${exception.holdsRelease ? "holds" : "does not hold"} the release`,
        ],
        isSerious: exception.holdsRelease,
        divergences: [],
      }),
    ),
    ...report.releases.map(
      (release): TimelineEntry => ({
        at: release.releasedAt,
        kind: "release",
        title: `Released: ${release.title}`,
        notes: [`gate ${release.gate}, signed by ${release.signer} for ${partyName(release)}`],
        isSerious: false,
        divergences: [],
      }),
    ),
  ];
  return entries.sort((left, right) => left.at - right.at || ORDER.indexOf(left.kind) - ORDER.indexOf(right.kind));
}

function custodyEntry(event: AuditEvent): TimelineEntry {
  const { disclosed, custody } = event;
  const actor = partyName(event);
  const delay = event.recordedAt - event.occurredAt;
  return {
    at: event.occurredAt,
    kind: "custody",
    title: `${event.sequence}. ${event.title}`,
    notes: [
      custody === null ? actor : `${actor}: ${CUSTODY_WORDS[custody]}`,
      disclosed === null
        ? "event not disclosed"
        : [disclosed.eventType, disclosed.bizStep, disclosed.disposition].filter((part) => part !== null).join(", "),
      ...(disclosed === null || disclosed.readPoint === null ? [] : [`at ${disclosed.readPoint}`]),
      `recorded ${isoTime(event.recordedAt)}, ${durationText(delay)} later`,
    ],
    isSerious: event.divergences.length > 0,
    divergences: event.divergences,
  };
}

function partyName({ participantId, participantGln }: { participantId: string | null; participantGln: string | null }): string {
  return participantGln === null ? shortHash(participantId) : `GLN ${participantGln}`;
}

/** The first digits of a long hash; "unknown" for none. */
export function shortHash(hash: string | null): string {
  return hash === null ? "unknown" : hash.length > 14 ? `${hash.slice(0, 12)}…` : hash;
}

/** One sentence on a divergence. */
export function divergenceText({ kind, sequence, what, expected, actual }: Divergence): string {
  const where = sequence === undefined ? "" : `event ${sequence}: `;
  return `${where}${kind}: ${what}: expected ${expected}, found ${actual}`;
}
