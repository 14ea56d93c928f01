// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The custody history of every journey: one registry, keyed by a blinded journey id.
/// @notice Facts are recorded and flagged. A signed event that breaks the flow is stored and an exception is raised
///         beside it; only an event that is not a fact (unknown journey, no valid signature of an active participant,
///         a sequence already taken) is refused.
/// @dev The order of the rules and their codes is the same as in `services/model/custody/rules.ts` (parity tested).
interface ICustodyLedger {
    struct CustodyEvent {
        bytes32 journeyId;
        bytes32 commitment;
        uint32 sequence;
        uint8 step;
        uint40 occurredAt;
        bytes32 signatureR;
        bytes32 signatureVS;
    }

    struct Journey {
        uint32 flow;
        uint32 eventCount;
        uint32 custodian;
        uint64 recordedSteps;
        uint40 releasedAt;
        bool handoverPending;
        uint8 releasedGates;
    }

    /// @param head First head: keccak256(abi.encode(journeyId, flow, identityCommitment)).
    event JourneyOpened(bytes32 indexed journeyId, uint32 indexed flow, bytes32 identityCommitment, bytes32 head);
    /// @param participant Index of the participant whose account signed.
    /// @param occurredAt Unix seconds, as signed. `recordedAt` is the block's time.
    /// @param head keccak256(abi.encode(head before, commitment, step, occurredAt, recordedAt, signer)).
    event CustodyEventRecorded(
        bytes32 indexed journeyId,
        uint32 indexed participant,
        uint32 sequence,
        bytes32 commitment,
        uint8 step,
        uint40 occurredAt,
        uint40 recordedAt,
        bytes32 head,
        bytes32 signatureR,
        bytes32 signatureVS
    );

    /// @notice Thrown when a journey id is opened twice or is zero.
    error CustodyLedgerJourneyExists(bytes32 journeyId);
    /// @notice Thrown when a journey is not known.
    error CustodyLedgerUnknownJourney(bytes32 journeyId);
    /// @notice Thrown when an event does not carry the journey's next sequence number.
    error CustodyLedgerSequenceMismatch(bytes32 journeyId, uint32 expected, uint32 actual);
    /// @notice Thrown when a signature is malformed or its signer is no active account of a participant.
    error CustodyLedgerInvalidSignature(bytes32 journeyId, uint32 sequence, address recovered);
    /// @notice Thrown when the caller is not the release register.
    error CustodyLedgerNotReleaseRegister(address caller);

    function openJourney(bytes32 journeyId, uint32 flow, bytes32 identityCommitment) external;
    function record(CustodyEvent[] calldata events) external;
    /// @notice Called by the release register when a gate is released.
    function markGateReleased(bytes32 journeyId, uint8 gate) external;

    /// @notice Reverts for a journey that is not known; so do `head` and `identityCommitment`.
    function journey(bytes32 journeyId) external view returns (Journey memory);
    function head(bytes32 journeyId) external view returns (bytes32);
    /// @notice What the journey was opened with: Poseidon(Chain of Identity, patient pseudonym, blinding).
    function identityCommitment(bytes32 journeyId) external view returns (bytes32);
    /// @notice When an anchor step first occurred, zero when it has not been recorded or is no anchor.
    function stepOccurredAt(bytes32 journeyId, uint8 step) external view returns (uint40);
    function custodyEventDigest(
        bytes32 journeyId,
        bytes32 commitment,
        uint32 sequence,
        uint8 step,
        uint40 occurredAt
    ) external view returns (bytes32);
}
