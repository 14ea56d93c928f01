import { z } from "zod";
import { laneDocumentSchema, shipperDocumentSchema } from "../../model/condition/index.ts";
import type { ApiClient } from "../api-client.ts";

const identifier = z.string().min(1).max(60);
const dateTime = z.iso.datetime({ offset: true });
const qualification = { qualifiedFrom: dateTime.optional(), qualifiedUntil: dateTime.optional() };

/** A shipper of a journey folder; without both times it is registered and not qualified. */
export const folderShipperSchema = z.strictObject({ ...shipperDocumentSchema.shape, owner: identifier, ...qualification });
export const folderLaneSchema = z.strictObject({ ...laneDocumentSchema.shape, ...qualification });

/** A shipper goes on a leg over a lane. */
export const shipperStepSchema = z.strictObject({
  shipper: z.string(),
  leg: z.string(),
  lane: z.string(),
  by: identifier,
  assignedAt: dateTime,
  chargedAt: dateTime.optional(),
});

export type ShipperStep = z.output<typeof shipperStepSchema>;

interface FolderEquipment {
  shippers: z.output<typeof folderShipperSchema>[];
  lanes: z.output<typeof folderLaneSchema>[];
}

/** Registers and qualifies what a folder's legs go in and over. What a node knows already from another folder stays. */
export async function registerEquipment({ shippers, lanes }: FolderEquipment, operator: ApiClient, glnOfParty: (id: string) => string): Promise<void> {
  for (const { owner, qualifiedFrom, qualifiedUntil, ...document } of shippers) {
    await known(operator, "/equipment", { ...document, owner: glnOfParty(owner) });
    await qualify(operator, `/equipment/${encodeURIComponent(document.grai)}`, qualifiedFrom, qualifiedUntil);
  }
  for (const { qualifiedFrom, qualifiedUntil, ...document } of lanes) {
    await known(operator, "/lanes", document);
    await qualify(operator, `/lanes/${document.lane}`, qualifiedFrom, qualifiedUntil);
  }
}

/** Puts the shipper on its leg, whatever its state: the node records it and flags what is not qualified. */
export async function assignShipper(journeyId: string, step: ShipperStep, api: ApiClient): Promise<void> {
  const { shipper: grai, lane, assignedAt, chargedAt } = step;
  const body = { grai, lane, assignedAt, ...(chargedAt === undefined ? {} : { chargedAt }) };
  await api.must(api.post(`/journeys/${journeyId}/legs/${step.leg}/shipper`, body));
}

async function known(operator: ApiClient, path: string, body: object): Promise<void> {
  const answer = await operator.post<{ detail?: string }>(path, body);
  if (answer.status !== 201 && answer.status !== 409) throw new Error(`POST ${path} answered ${answer.status}: ${answer.body.detail ?? "no reason given"}`);
}

async function qualify(operator: ApiClient, path: string, qualifiedFrom: string | undefined, qualifiedUntil: string | undefined): Promise<void> {
  if (qualifiedFrom === undefined || qualifiedUntil === undefined) return;
  await operator.must(operator.post(`${path}/qualifications`, { qualifiedFrom, qualifiedUntil }));
}
