export { attachVault, createVault, vaultOf } from "./vault.ts";
export type { Vault } from "./vault.ts";
export { destroyJourneyKeys, ensureJourneyKeys, journeyCipher, rotateContentKey } from "./journey-keys.ts";
export type { JourneyCipher, KeyPurpose } from "./journey-keys.ts";
export * from "./sealed-rows.ts";
export { eventHashIndex, eventIdIndex, openEvents, SEALED_EVENT_COLUMNS, sealEvent } from "./stored-events.ts";
export type { EventContent, OpenedEvent } from "./stored-events.ts";
