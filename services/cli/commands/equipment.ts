import { readFileSync } from "node:fs";
import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

export interface QualifyOptions {
  from: string;
  until: string;
  certificate?: string;
}

export interface AssignOptions {
  shipper: string;
  lane: string;
  at: string;
  charged?: string;
}

const shipperPath = (grai: string) => `/equipment/${encodeURIComponent(grai)}`;
const lanePath = (lane: string) => `/lanes/${encodeURIComponent(lane)}`;

/** Registers a shipper or a lane from a JSON file in the API's own words. */
export async function registerEquipment(kind: "shipper" | "lane", file: string): Promise<void> {
  const api = apiClient();
  printJson(await api.must(api.post(kind === "shipper" ? "/equipment" : "/lanes", JSON.parse(readFileSync(file, "utf8")))));
}

export async function qualifyEquipment(kind: "shipper" | "lane", name: string, { from, until, certificate }: QualifyOptions): Promise<void> {
  const api = apiClient();
  const path = `${kind === "shipper" ? shipperPath(name) : lanePath(name)}/qualifications`;
  const evidence = certificate === undefined ? {} : { certificateHash: certificate };
  printJson(await api.must(api.post(path, { qualifiedFrom: from, qualifiedUntil: until, ...evidence })));
}

/** One shipper or lane with its history, or all of them. */
export async function showEquipment(kind: "shipper" | "lane", name: string | undefined): Promise<void> {
  const api = apiClient();
  if (name === undefined) printJson(await api.must(api.get(kind === "shipper" ? "/equipment" : "/lanes")));
  else printJson(await api.must(api.get(kind === "shipper" ? shipperPath(name) : lanePath(name))));
}

export async function assignShipper(journeyId: string, leg: string, { shipper: grai, lane, at: assignedAt, charged }: AssignOptions): Promise<void> {
  const api = apiClient();
  const body = { grai, lane, assignedAt, ...(charged === undefined ? {} : { chargedAt: charged }) };
  printJson(await api.must(api.post(`/journeys/${journeyId}/legs/${leg}/shipper`, body)));
}

/** A journey's running clocks, now or as of a moment. */
export async function showClocks(journeyId: string, at: string | undefined): Promise<void> {
  const api = apiClient();
  const query = at === undefined ? "" : `?at=${encodeURIComponent(at)}`;
  printJson(await api.must(api.get(`/journeys/${journeyId}/clocks${query}`)));
}
