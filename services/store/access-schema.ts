import type { Generated } from "kysely";

export interface AccessTables {
  accesses: AccessRow;
}

/**
 * One access to one journey, or to none that was found or shown, written before it was answered. What was asked for is
 * not kept: it may name a patient. Rows from before the trail was chained have no hashes.
 */
export interface AccessRow {
  access_number: Generated<number>;
  access_id: string;
  occurred_at_milliseconds: number;
  /** "operator" for who runs the node. */
  participant_id: string;
  /** Account of the person or integration behind the key; null for the operator. */
  account: string | null;
  /** Duties of the participant then, separated by spaces. */
  roles: string;
  operation_id: string;
  /** HTTP status of the answer; null where the façade says what was shown instead. */
  status: number | null;
  journey_id: string | null;
  /** FHIR: read, search-type or operation; null for an access by another way. */
  interaction: string | null;
  resource_type: string | null;
  resource_id: string | null;
  /** FHIR: names of the search parameters, separated by spaces. */
  parameters: string;
  /** FHIR: how many resources were shown. */
  resources: number;
  is_refused: boolean;
  pseudonym_shown: boolean;
  previous_hash: string | null;
  entry_hash: string | null;
  /** Keyed hash of `entry_hash`: who has the database but not the node's secret cannot make one. */
  seal: string | null;
}
