import { readFileSync } from "node:fs";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { apiClient } from "../endpoints.ts";
import { printJson, printTable } from "../print.ts";

export async function addParticipant(options: { gln: string; name: string; roles: string; account?: string }): Promise<void> {
  const api = apiClient();
  const { gln, name, account } = options;
  const body = { gln, name, roles: options.roles.split(",").map((role) => role.trim()), ...(account === undefined ? {} : { account }) };
  printJson(await api.must(api.post("/participants", body)));
}

/** Adds a person who signs for an organisation, with an account of their own where one is given. */
export async function addPerson(options: { gln: string; name: string; account?: string; endorsement?: string }): Promise<void> {
  const api = apiClient();
  const { gln, name, account } = options;
  const endorsement = options.endorsement === undefined ? undefined : (JSON.parse(readFileSync(options.endorsement, "utf8")) as { endorsement: unknown }).endorsement;
  const own = { ...(account === undefined ? {} : { account }), ...(endorsement === undefined ? {} : { endorsement }) };
  printJson(await api.must(api.post(`/participants/${gln}/persons`, { name, ...own })));
}

interface Listed {
  gln: string;
  name: string;
  roles: string[] | number;
}

export async function listParticipants(): Promise<void> {
  const api = apiClient();
  const { participants } = await api.must(api.get<{ participants: Listed[] }>("/participants"));
  printTable(
    ["GLN", "NAME", "ROLES"],
    participants.map(({ gln, name, roles }) => [gln, name, (typeof roles === "number" ? bitmapToRoles(roles) : roles).join(", ")]),
  );
}
