/** Recipes, batch records, laboratory results and genealogy: what parties disclosed to this node. */
export const BATCH_TABLES: readonly string[] = [
  `create table master_recipes (
    name text not null,
    version integer not null,
    document text not null,
    recipe_hash text not null unique,
    primary key (name, version)
  )`,
  `create table specifications (
    name text not null,
    version integer not null,
    document text not null,
    document_hash text not null unique,
    primary key (name, version)
  )`,
  `create table control_recipes (
    journey_id text primary key references journeys (journey_id),
    batch text not null unique,
    recipe_hash text not null references master_recipes (recipe_hash),
    equipment jsonb not null,
    created_by text not null,
    created_at_milliseconds bigint not null
  )`,
  `create table batch_record_entries (
    entry_number bigserial primary key,
    journey_id text not null references journeys (journey_id),
    batch text not null,
    entry_id text not null,
    entry text not null,
    event_hash text,
    recorded_by text not null,
    recorded_at_milliseconds bigint not null,
    unique (journey_id, entry_id)
  )`,
  `create index batch_record_entries_recorded_by on batch_record_entries (recorded_by)`,
  `create table batch_results (
    results_commitment text primary key,
    journey_id text not null references journeys (journey_id),
    specification_number integer not null,
    stage text not null check (stage in ('first', 'final')),
    giai text not null,
    signed_at bigint not null,
    body text not null,
    certificate text not null,
    certificate_hash text not null,
    status text not null check (status in ('recorded', 'proving', 'proven', 'unprovable')),
    reason text,
    proof text,
    proving_seconds double precision,
    attempts integer not null,
    posted_by text not null,
    received_at_milliseconds bigint not null
  )`,
  `create index batch_results_journey on batch_results (journey_id, specification_number)`,
  `create index batch_results_proving on batch_results (status) where status = 'proving'`,
  `create table genealogy_edges (
    from_node text not null,
    to_node text not null,
    kind text not null,
    source text not null,
    journey_id text,
    recorded_by text not null,
    primary key (from_node, to_node, kind, source)
  )`,
  `create index genealogy_edges_to on genealogy_edges (to_node, from_node)`,
  `create index genealogy_edges_source on genealogy_edges (source)`,
];

/** Read model of the ledger: registered specifications and proven batches. */
export const BATCH_CHAIN_TABLES: readonly string[] = [
  `create table chain_specifications (
    document_hash text primary key,
    first_stage_commitment text not null,
    final_stage_commitment text not null,
    document text not null
  )`,
  `create table chain_batch_proofs (
    journey_id text not null,
    specification_number integer not null,
    stage text not null,
    document_hash text not null,
    device_id text not null,
    results_commitment text not null,
    signed_at bigint not null,
    certificate_hash text not null,
    block_number bigint not null,
    transaction_hash text not null,
    primary key (journey_id, specification_number, stage)
  )`,
];

/** Further members of the view `chain_keys`. */
export const BATCH_CHAIN_KEYS = `
  union all select 'specification:' || document_hash from chain_specifications
  union all select 'batch-proof:' || journey_id || ':' || specification_number::text || ':' || stage
    from chain_batch_proofs`;
