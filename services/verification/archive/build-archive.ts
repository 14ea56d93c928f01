import { isPartlyShown, parseDisclosure } from "../disclosure.ts";
import type { Disclosure } from "../disclosure.ts";
import { renderHtml } from "../html.ts";
import { replayJourney } from "../replay.ts";
import { createRpc } from "../rpc.ts";
import { readShippedVerificationKeys } from "../verification-key.ts";
import { parseJourneyId, verifyJourney } from "../verify.ts";
import { withChecksums } from "./checksums.ts";
import { archiveReadme } from "./readme.ts";
import { createRecordingRpc } from "./recorded-rpc.ts";
import type { RecordedCall } from "./recorded-rpc.ts";

export const ARCHIVE_FORMAT = "threadline-archive/1";

export interface ArchiveOptions {
  rpcUrl: string;
  addresses: unknown;
  journeyId: string;
  /** What `GET /journeys/{id}/disclosure` answers. */
  disclosure: unknown;
  /** ABI of each contract, by its name. */
  contractInterfaces: Readonly<Record<string, unknown>>;
  softwareVersion: string;
  exportedAt: Date;
}

export interface Archive {
  format: typeof ARCHIVE_FORMAT;
  journeyId: string;
  /** SHA-256 of the checksums: stands for the whole archive, and may be kept elsewhere to hold it against. */
  digest: string;
  /** Text of each file by its path. */
  files: Record<string, string>;
}

/**
 * Everything needed to read and check one journey without the network, as plain text files: the disclosed events with
 * their salts, all that the chain answers about the journey (logs, signatures, blocks, transactions with their proofs,
 * code), ABIs, verification key and flow, and the reports of both checks as they came out at the export.
 * Throws ThreadlineError when the chain or the disclosure cannot be read.
 */
export async function buildArchive(options: ArchiveOptions): Promise<Archive> {
  const journeyId = parseJourneyId(options.journeyId);
  const disclosure = parseDisclosure(options.disclosure);
  const verificationKeys = await readShippedVerificationKeys();
  const { rpc, calls } = createRecordingRpc(createRpc(options.rpcUrl));
  const source = { rpcUrl: options.rpcUrl, rpc, addresses: options.addresses, journeyId };
  const audit = await replayJourney({ ...source, disclosure });
  const verification = await verifyJourney({ ...source, verificationKeys });
  const about = {
    format: ARCHIVE_FORMAT,
    journeyId,
    chainId: audit.chainId,
    headBlock: audit.headBlock,
    exportedAt: options.exportedAt.toISOString(),
    softwareVersion: options.softwareVersion,
  };
  const files = new Map<string, string>([
    ["README.md", archiveReadme(about, verification, audit)],
    ["index.html", renderHtml(audit)],
    ["archive.json", jsonText(about)],
    ["addresses.json", jsonText(options.addresses)],
    ["disclosure.json", jsonText(options.disclosure)],
    ["flow.json", flowText(calls(), audit.flow.documentHash)],
    ...Object.entries(verificationKeys).map(([circuit, key]): [string, string] => [`verification-keys/${circuit}.json`, jsonText(key)]),
    ["reports/verification.json", jsonText(verification)],
    ["reports/audit.json", jsonText(audit)],
    ...eventFiles(disclosure),
    ...Object.entries(options.contractInterfaces).map(([name, abi]) => [`contracts/${name}.abi.json`, jsonText(abi)] as const),
    ...chainFiles(calls()),
  ]);
  const sealed = withChecksums(files);
  return { format: ARCHIVE_FORMAT, journeyId, digest: sealed.digest, files: Object.fromEntries(sealed.files) };
}

/** The events once more, one a file and easy to read; the exact texts that the commitments bind are in disclosure.json. */
export function eventFiles({ events }: Disclosure): [string, string][] {
  return events.map((event, place) => {
    const number = typeof event.sequence === "number" ? String(event.sequence).padStart(4, "0") : `unrecorded-${place}`;
    if (isPartlyShown(event)) return [`events/${number}.json`, jsonText(event)];
    return [`events/${number}.json`, jsonText({ ...event, body: JSON.parse(event.body), context: JSON.parse(event.context) })];
  });
}

/** One file per kind of question: chain/eth_getLogs.json and so on. */
function chainFiles(calls: readonly RecordedCall[]): [string, string][] {
  const methods = [...new Set(calls.map(({ method }) => method))].sort();
  return methods.map((method) => [`chain/${method}.json`, jsonText(calls.filter((call) => call.method === method))]);
}

/** The flow's document as it stands in the log of its registration, found by its hash. */
function flowText(calls: readonly RecordedCall[], documentHash: string): string {
  const logs = calls.filter(({ method }) => method === "eth_getLogs").flatMap(({ result }) => result as { data: string; topics: string[] }[]);
  const registered = logs.find(({ topics }) => topics.includes(documentHash));
  return registered === undefined ? jsonText({ documentHash }) : jsonText({ documentHash, document: JSON.parse(abiString(registered.data)) });
}

/** The one string in a log's data (ABI: offset, length, bytes). */
function abiString(data: string): string {
  const bytes = Buffer.from(data.slice(2), "hex");
  const offset = bytes.readUInt32BE(28);
  return bytes.subarray(offset + 32, offset + 32 + bytes.readUInt32BE(offset + 28)).toString("utf8");
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? member.toString() : member), 2)}\n`;
}
