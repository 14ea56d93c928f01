/** Read model of the ledger: nothing here that the chain does not say. */
export const CHAIN_TABLES: readonly string[] = [
  `create table chain_cursor (
    id integer primary key check (id = 1),
    block_number bigint not null,
    block_hash text not null
  )`,
  `create table chain_participants (
    participant_index bigint primary key,
    participant_id text not null unique,
    roles integer not null,
    suspended boolean not null
  )`,
  `create table chain_accounts (
    account text primary key,
    participant_index bigint not null,
    hosted boolean not null,
    removed boolean not null
  )`,
  `create table chain_devices (
    device_id text primary key,
    owner text not null,
    key_commitment text not null,
    public_key_x text not null,
    public_key_y text not null,
    message_key_hash text not null,
    attestation integer not null,
    revoked_from bigint
  )`,
  `create table chain_calibrations (
    device_id text not null,
    number integer not null,
    calibrated_from bigint not null,
    calibrated_until bigint not null,
    primary key (device_id, number)
  )`,
  `create table chain_flows (
    flow bigint primary key,
    document_hash text not null unique,
    document text not null
  )`,
  `create table chain_journeys (
    journey_id text primary key,
    flow bigint not null,
    identity_commitment text not null,
    head text not null,
    event_count bigint not null
  )`,
  `create table chain_custody_events (
    journey_id text not null,
    sequence bigint not null,
    participant_index bigint not null,
    commitment text not null,
    step integer not null,
    occurred_at bigint not null,
    recorded_at bigint not null,
    head text not null,
    block_number bigint not null,
    transaction_hash text not null,
    primary key (journey_id, sequence)
  )`,
  `create index chain_custody_events_key on chain_custody_events (('custody-event:' || commitment))`,
  `create table chain_exceptions (
    journey_id text not null,
    number bigint not null,
    exception_key text not null,
    code text not null,
    class integer not null,
    leg integer not null,
    stage integer not null,
    outcome integer,
    proposer text,
    occurred_at bigint not null,
    raised_at bigint not null,
    due_at bigint not null,
    detail_commitment text not null,
    block_number bigint not null,
    primary key (journey_id, number)
  )`,
  `create index chain_exceptions_key on chain_exceptions (('exception:' || exception_key))`,
  `create index chain_exceptions_block on chain_exceptions (block_number)`,
  `create index chain_exceptions_work on chain_exceptions (due_at) where outcome is null`,
  `create table chain_exception_transitions (
    journey_id text not null,
    number bigint not null,
    position integer not null,
    from_stage integer not null,
    to_stage integer not null,
    participant_index bigint not null,
    signer text not null,
    reason_hash text not null,
    signed_at bigint not null,
    recorded_at bigint not null,
    signature text not null,
    block_number bigint not null,
    transaction_hash text not null,
    primary key (journey_id, number, position)
  )`,
  `create index chain_exception_transitions_key on chain_exception_transitions
    (('exception-transition:' || journey_id || ':' || number::text || ':' || reason_hash))`,
  `create index chain_exception_transitions_block on chain_exception_transitions (block_number)`,
  `create table chain_assignments (
    journey_id text not null,
    leg integer not null,
    device_id text not null,
    assigned_from bigint not null,
    primary key (journey_id, leg)
  )`,
  `create table chain_segments (
    journey_id text not null,
    leg integer not null,
    number bigint not null,
    from_seconds bigint not null,
    to_seconds bigint not null,
    state_before text not null,
    state_after text not null,
    readings_commitment text not null,
    block_number bigint not null,
    transaction_hash text not null,
    primary key (journey_id, leg, number)
  )`,
  `create index chain_segments_key on chain_segments (('segment:' || readings_commitment))`,
  `create table chain_releases (
    journey_id text not null,
    gate integer not null,
    participant_index bigint not null,
    signer text not null,
    head text not null,
    signed_at bigint not null,
    released_at bigint not null,
    primary key (journey_id, gate)
  )`,
  `create table chain_interval_acceptances (
    journey_id text not null,
    leg integer not null,
    number bigint not null,
    from_seconds bigint not null,
    to_seconds bigint not null,
    exception_number bigint not null,
    participant_index bigint not null,
    signer text not null,
    signed_at bigint not null,
    recorded_at bigint not null,
    transaction_hash text not null,
    primary key (journey_id, leg, number)
  )`,
  `create table chain_dispositions (
    journey_id text not null,
    number bigint not null,
    kind text not null check (kind in ('decision', 'step')),
    value integer not null,
    participant_index bigint not null,
    signer text not null,
    head text,
    reason_hash text not null,
    signed_at bigint not null,
    recorded_at bigint not null,
    transaction_hash text not null,
    primary key (journey_id, number)
  )`,
  `create table chain_recalls (
    journey_id text not null,
    number bigint not null,
    exception_number bigint not null,
    code text not null,
    raised_at bigint not null,
    primary key (journey_id, number)
  )`,
  `create table chain_recall_acknowledgements (
    journey_id text not null,
    participant_index bigint not null,
    recalls bigint not null,
    signer text not null,
    signed_at bigint not null,
    recorded_at bigint not null,
    primary key (journey_id, participant_index, recalls)
  )`,
  `create table chain_identity_checks (
    journey_id text not null,
    step integer not null,
    linked_commitment text primary key,
    participant_index bigint not null,
    signer text not null,
    signed_at bigint not null,
    persons integer not null,
    transaction_hash text not null
  )`,
  `create index chain_identity_checks_journey on chain_identity_checks (journey_id, step)`,
  `create table chain_shippers (
    equipment_id text primary key,
    owner text not null,
    document_hash text not null
  )`,
  `create table chain_lanes (
    lane_id text primary key,
    document_hash text not null
  )`,
  `create table chain_qualifications (
    kind text not null,
    subject_id text not null,
    qualified_from bigint not null,
    qualified_until bigint not null,
    certificate_hash text not null,
    transaction_hash text not null
  )`,
  `create index chain_qualifications_subject on chain_qualifications (subject_id)`,
  `create table chain_shipper_assignments (
    journey_id text not null,
    leg integer not null,
    equipment_id text not null,
    lane_id text not null,
    assigned_at bigint not null,
    transaction_hash text not null,
    primary key (journey_id, leg, equipment_id, assigned_at)
  )`,
  `create index chain_shipper_assignments_equipment on chain_shipper_assignments (equipment_id, assigned_at)`,
  `create view chain_keys as
    select 'custody-event:' || commitment as natural_key from chain_custody_events
    union all select 'exception:' || exception_key from chain_exceptions
    union all select 'exception-transition:' || journey_id || ':' || number::text || ':' || reason_hash
      from chain_exception_transitions
    union all select 'segment:' || readings_commitment from chain_segments
    union all select 'journey:' || journey_id from chain_journeys
    union all select 'assignment:' || journey_id || ':' || leg::text from chain_assignments
    union all select 'release:' || journey_id || ':' || gate::text from chain_releases
    union all select 'interval-acceptance:' || journey_id || ':' || leg::text || ':' || from_seconds::text || ':' || to_seconds::text
      from chain_interval_acceptances
    union all select 'disposition:' || journey_id || ':' || reason_hash from chain_dispositions
    union all select 'recall-acknowledgement:' || journey_id || ':' || participant_index::text || ':' || recalls::text
      from chain_recall_acknowledgements
    union all select 'identity-check:' || linked_commitment from chain_identity_checks
    union all select 'shipper:' || equipment_id from chain_shippers
    union all select 'lane:' || lane_id from chain_lanes
    union all select kind || '-qualification:' || subject_id || ':' || qualified_from::text || ':' || qualified_until::text
      from chain_qualifications
    union all select 'shipper-assignment:' || journey_id || ':' || leg::text || ':' || equipment_id || ':' || assigned_at::text
      from chain_shipper_assignments
    union all select 'account:' || account from chain_accounts
    union all select 'participant:' || participant_id from chain_participants
    union all select 'device:' || device_id from chain_devices
    union all select 'calibration:' || device_id || ':' || calibrated_from::text || ':' || calibrated_until::text
      from chain_calibrations
    union all select 'revocation:' || device_id || ':' || revoked_from::text from chain_devices
      where revoked_from is not null
    union all select 'flow:' || document_hash from chain_flows`,
];
