import type { Generated } from "kysely";

export interface FhirTables {
  fhir_accesses: FhirAccessRow;
}

/**
 * One access to one journey through the FHIR façade, written before it was answered; `journey_id` is null when none was
 * found or shown. The requests' values are not kept: they may name a patient.
 */
export interface FhirAccessRow {
  access_number: Generated<number>;
  access_id: string;
  occurred_at_milliseconds: number;
  participant_id: string;
  /** Duties of the participant then, separated by spaces. */
  roles: string;
  interaction: string;
  resource_type: string | null;
  resource_id: string | null;
  journey_id: string | null;
  /** Names of the search parameters, separated by spaces. */
  parameters: string;
  resources: number;
  is_refused: boolean;
  pseudonym_shown: boolean;
}
