import { createDeviceKeys } from "../../device/device-keys.ts";
import type { DeviceKeys } from "../../device/device-keys.ts";
import { newPrivateKey, signingKeyOf } from "../../client/index.ts";
import type { SigningKey } from "../../client/index.ts";
import { createApiClient } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";
import type { JourneyFolder } from "./folder.ts";
import { glnOf } from "./parties.ts";
import { ledgerDone } from "./waiting.ts";

export interface Onboarded {
  /** Clients by the folder's ids, of organisations and of persons. */
  clients: Map<string, ApiClient>;
  /** Their API keys. */
  keys: Map<string, string>;
  devices: Map<string, DeviceKeys>;
  /** Keys of those who sign themselves, by the folder's ids: made here, for this play, and never sent anywhere. */
  signingKeys: Map<string, SigningKey>;
}

/** Registers who takes part, what measures, and the documents the journey is held against, as an operator would. */
export async function onboard(folder: JourneyFolder, operator: ApiClient, httpUrl: string): Promise<Onboarded> {
  const onboarded: Onboarded = { clients: new Map(), keys: new Map(), devices: new Map(), signingKeys: new Map() };
  const join = (id: string, apiKey: string) => {
    onboarded.keys.set(id, apiKey);
    onboarded.clients.set(id, createApiClient(httpUrl, apiKey));
  };
  const ownAccount = (id: string, key: "hosted" | "own") => {
    if (key === "hosted") return {};
    const made = signingKeyOf(newPrivateKey());
    onboarded.signingKeys.set(id, made);
    return { account: made.account };
  };
  for (const { id, persons, key, ...participant } of folder.description.participants) {
    const body = { ...participant, ...ownAccount(id, key) };
    const { apiKey } = await operator.must(operator.post<{ apiKey: string }>("/participants", body));
    join(id, apiKey);
    for (const person of persons) {
      const path = `/participants/${participant.gln}/persons`;
      join(person.id, (await operator.must(operator.post<{ apiKey: string }>(path, { name: person.name, ...ownAccount(person.id, person.key) }))).apiKey);
    }
  }
  for (const device of folder.description.devices) onboarded.devices.set(device.giai, await enrol(folder, operator, device));
  for (const { request, by, body } of folder.description.setup) {
    const client = onboarded.clients.get(by) ?? operator;
    await client.must(client.post(request, body));
  }
  await operator.must(operator.post("/flows", folder.flow));
  return onboarded;
}

/** Opens the journey: its patient's hospital does when it has one, for nobody else knows the patient. */
export async function openJourney(
  folder: JourneyFolder,
  client: (id: string | undefined) => ApiClient,
  operator: ApiClient,
): Promise<string> {
  const { name, version } = folder.flow;
  const { coi, patient } = folder.description;
  const opener = patient === undefined ? operator : client(patient.by);
  const { journeyId } = await opener.must(
    opener.post<{ journeyId: string }>("/journeys", {
      chainOfIdentity: coi,
      flow: { name, version },
      ...(patient === undefined ? {} : { patient: { system: patient.system, value: patient.value } }),
    }),
  );
  await ledgerDone(operator, journeyId);
  return journeyId;
}

async function enrol(folder: JourneyFolder, operator: ApiClient, device: JourneyFolder["description"]["devices"][number]): Promise<DeviceKeys> {
  const keys = createDeviceKeys();
  const { giai, owner, calibratedFrom, calibratedUntil } = device;
  await operator.must(
    operator.post("/devices", {
      giai,
      owner: glnOf(folder, owner),
      publicKey: keys.signingKey.publicKey.map(String),
      messageKey: keys.messageKey.publicJwk,
      keyEpoch: 1,
      attestation: "device",
      calibratedFrom,
      calibratedUntil,
    }),
  );
  return keys;
}
