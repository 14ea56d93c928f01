import { bitmapToRoles } from "../../model/custody/roles.ts";
import { apiClient } from "../endpoints.ts";
import { printJson, printTable } from "../print.ts";

export async function addParticipant(options: { gln: string; name: string; roles: string }): Promise<void> {
  const api = apiClient();
  const body = { gln: options.gln, name: options.name, roles: options.roles.split(",").map((role) => role.trim()) };
  printJson(await api.must(api.post("/participants", body)));
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
