import type { Kysely, Selectable, Transaction } from "kysely";
import type { Database } from "./schema.ts";
import { journeyCipher, sealedIdentifier, sealedIdentity, vaultOf } from "./vault/index.ts";
import type { JourneyCipher, Vault } from "./vault/index.ts";

/** Chain of Identity of a journey and the salts that blind it on the ledger, hex. */
export interface JourneyIdentity {
  chainOfIdentity: string;
  salt: string;
  identitySalt: string;
}

export interface JourneyIdentifier {
  journeyId: string;
  kind: "epc" | "din";
  identifier: string;
}

export const identityIndex = (vault: Vault, chainOfIdentity: string) =>
  vault.blindIndex("journeys/chain_of_identity", chainOfIdentity);

/** Identifiers issued here, whether or not a journey is opened under them: nobody needs to read one back. */
export const issuedIdentifierIndex = (vault: Vault, chainOfIdentity: string) =>
  vault.blindIndex("issued_identifiers/chain_of_identity", chainOfIdentity);

export const identifierIndex = (vault: Vault, identifier: string) =>
  vault.blindIndex("journey_identifiers/identifier", identifier);

/** Columns a journey's identity is stored in. */
export function sealIdentity(vault: Vault, cipher: JourneyCipher, journeyId: string, identity: JourneyIdentity) {
  return {
    identity_index: identityIndex(vault, identity.chainOfIdentity),
    sealed_identity: sealedIdentity.seal(cipher, journeyId, journeyId, identity),
  };
}

type IdentityRow = Pick<Selectable<Database["journeys"]>, "journey_id" | "sealed_identity">;

/** The identities of these journeys, by journey id; one that was erased is null. */
export async function openIdentities(
  database: Kysely<Database>,
  rows: readonly IdentityRow[],
): Promise<Map<string, JourneyIdentity | null>> {
  const cipher = await journeyCipher(database, rows.map((row) => row.journey_id));
  return new Map(
    rows.map((row) => [row.journey_id, sealedIdentity.open(cipher, row.journey_id, row.journey_id, row.sealed_identity)]),
  );
}

/** Adds identifiers to their journeys; those known already stay as they are. */
export async function storeIdentifiers(
  transaction: Transaction<Database>,
  cipher: JourneyCipher,
  identifiers: readonly JourneyIdentifier[],
): Promise<void> {
  if (identifiers.length === 0) return;
  const vault = vaultOf(transaction);
  const rows = identifiers.map(({ journeyId, kind, identifier }) => {
    const index = identifierIndex(vault, identifier);
    const sealed = sealedIdentifier.seal(cipher, journeyId, `${journeyId}/${kind}/${index}`, identifier);
    return { journey_id: journeyId, kind, identifier_index: index, sealed_identifier: sealed };
  });
  await transaction.insertInto("journey_identifiers").values(rows).onConflict((conflict) => conflict.doNothing()).execute();
}

/** Identifiers of a journey in clear; empty once they are erased. */
export async function identifiersOf(database: Kysely<Database>, journeyId: string): Promise<JourneyIdentifier[]> {
  const rows = await database.selectFrom("journey_identifiers").selectAll().where("journey_id", "=", journeyId).execute();
  const cipher = await journeyCipher(database, [journeyId]);
  return rows.flatMap((row) => {
    const place = `${journeyId}/${row.kind}/${row.identifier_index}`;
    const identifier = sealedIdentifier.open(cipher, journeyId, place, row.sealed_identifier);
    return identifier === null ? [] : [{ journeyId, kind: row.kind, identifier }];
  });
}
