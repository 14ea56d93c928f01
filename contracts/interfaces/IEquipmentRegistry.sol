// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReleaseCondition} from "./IReleaseCondition.sol";
import {IReleaseRegister} from "./IReleaseRegister.sol";

/// @title What may carry cells, and over which way: shippers and lanes, their qualification, and every use.
/// @notice A shipper is known by `equipmentId`, the keccak-256 of its GRAI with serial (GS1 AI 8003), a lane by `laneId`.
///         What is known of them (hold time by tilt, planned time) is a document of which the ledger holds the hash.
///         A shipper is requalified after every use. An assignment is a fact and always recorded, qualified or not; a
///         gate that requires the leg stays shut, and an exception stands beside the fact.
interface IEquipmentRegistry is IReleaseCondition {
    struct Assignment {
        bytes32 equipmentId;
        bytes32 laneId;
        uint40 assignedAt;
    }

    /// @param documentHash keccak-256 of the canonical JSON that says what the shipper can do.
    event ShipperRegistered(bytes32 indexed equipmentId, bytes32 indexed owner, bytes32 documentHash);
    /// @param certificateHash Hash of the qualification's evidence; zero when none was given.
    event ShipperQualified(
        bytes32 indexed equipmentId, uint40 qualifiedFrom, uint40 qualifiedUntil, bytes32 certificateHash
    );
    /// @param documentHash keccak-256 of the canonical JSON that says what the lane plans.
    event LaneRegistered(bytes32 indexed laneId, bytes32 documentHash);
    event LaneQualified(bytes32 indexed laneId, uint40 qualifiedFrom, uint40 qualifiedUntil, bytes32 certificateHash);
    event ShipperAssigned(
        bytes32 indexed journeyId, uint8 indexed leg, bytes32 indexed equipmentId, bytes32 laneId, uint40 assignedAt
    );
    /// @param code Of the exception: says whether shippers or lanes were accepted.
    /// @param assigned Assignments of the leg that the signer saw; the acceptance stands while there are no more.
    event EquipmentAccepted(
        bytes32 indexed journeyId,
        uint8 indexed leg,
        bytes32 code,
        uint8 assigned,
        uint32 exceptionNumber,
        uint32 participant,
        address signer,
        uint40 signedAt,
        bytes signature
    );

    /// @notice Thrown when a shipper is registered twice.
    error EquipmentRegistryShipperExists(bytes32 equipmentId);
    /// @notice Thrown when a lane is registered twice.
    error EquipmentRegistryLaneExists(bytes32 laneId);
    /// @notice Thrown when a shipper that is not registered is qualified.
    error EquipmentRegistryUnknownShipper(bytes32 equipmentId);
    /// @notice Thrown when a lane that is not registered is qualified.
    error EquipmentRegistryUnknownLane(bytes32 laneId);
    /// @notice Thrown when a document's hash is zero: nothing could be held against it.
    error EquipmentRegistryDocumentMissing(bytes32 id);
    /// @notice Thrown when the owner is not a registered participant.
    error EquipmentRegistryUnknownOwner(bytes32 owner);
    /// @notice Thrown when a qualification ends before it starts.
    error EquipmentRegistryInvalidQualification(uint40 qualifiedFrom, uint40 qualifiedUntil);
    /// @notice Thrown when the journey's flow has no such leg.
    error EquipmentRegistryUnknownLeg(bytes32 journeyId, uint8 leg);
    /// @notice Thrown when the same assignment is recorded twice.
    error EquipmentRegistryAlreadyAssigned(bytes32 journeyId, uint8 leg, bytes32 equipmentId, uint40 assignedAt);
    /// @notice Thrown when a leg has more shippers already than can be checked in one call.
    error EquipmentRegistryTooManyShippers(bytes32 journeyId, uint8 leg);
    /// @notice Thrown when a leg's start or end is not recorded: what carried it is not all known yet.
    error EquipmentRegistryLegNotOver(bytes32 journeyId, uint8 leg);
    /// @notice Thrown when the leg has another number of assignments than the signer saw.
    error EquipmentRegistryAssignedSince(bytes32 journeyId, uint8 leg, uint8 assigned, uint8 signed);
    /// @notice Thrown when the exception is not one of this leg, was not accepted, or is of neither shippers nor lanes.
    error EquipmentRegistryExceptionDoesNotCover(bytes32 journeyId, uint8 leg, uint32 exceptionNumber, bytes32 code);
    /// @notice Thrown when the leg's shippers, or its lanes, were qualified, or were accepted already.
    error EquipmentRegistryNothingToAccept(bytes32 journeyId, uint8 leg, bytes32 code);
    /// @notice Thrown when the acceptance is not signed by an active account of a qualified person.
    error EquipmentRegistryNotAuthorised(address recovered, uint16 roles, uint16 needed);

    function registerShipper(bytes32 equipmentId, bytes32 owner, bytes32 documentHash) external;
    function qualifyShipper(
        bytes32 equipmentId,
        uint40 qualifiedFrom,
        uint40 qualifiedUntil,
        bytes32 certificateHash
    ) external;
    function registerLane(bytes32 laneId, bytes32 documentHash) external;
    function qualifyLane(bytes32 laneId, uint40 qualifiedFrom, uint40 qualifiedUntil, bytes32 certificateHash) external;

    /// @notice Records that a shipper goes on a leg over a lane from a time on; a leg may change its shipper on the way.
    /// @dev Only the oracle relays.
    function assignShipper(bytes32 journeyId, uint8 leg, bytes32 equipmentId, bytes32 laneId, uint40 assignedAt)
        external;

    /// @notice A qualified person takes responsibility for what carried a leg that is over, by the EIP-712 signature over
    ///         EquipmentAcceptance(journeyId, leg, assignments, exceptionNumber, signedAt). The exception must be one of the
    ///         leg, accepted with a justification: "shipper-not-qualified" stands for its shippers, missing or late ones
    ///         among them, "lane-not-qualified" for its lanes. Neither stands for the other, nor for what is assigned later.
    /// @dev Only the oracle relays.
    function acceptEquipment(
        bytes32 journeyId,
        uint8 leg,
        uint8 assigned,
        uint32 exceptionNumber,
        uint40 signedAt,
        bytes calldata signature
    ) external;

    /// @notice True when one qualification covers [from, to] and since it began the shipper was used once at most, before
    ///         `to`: each use asks for requalification. For a recorded use from `from` on, which is itself that one.
    function isShipperQualified(bytes32 equipmentId, uint40 from, uint40 to) external view returns (bool);
    /// @notice True when one qualification of the lane covers [from, to].
    function isLaneQualified(bytes32 laneId, uint40 from, uint40 to) external view returns (bool);
    function assignments(bytes32 journeyId, uint8 leg) external view returns (Assignment[] memory);
    /// @notice What of a leg that is over was not qualified and nobody has accepted, and its number of assignments.
    function openFindings(bytes32 journeyId, uint8 leg) external view returns (bool shippers, bool lanes, uint8 assigned);
    /// @notice Compliant when the leg went, from start to end, in qualified shippers over qualified lanes; completed when
    ///         a qualified person accepted what was not.
    function legStatus(bytes32 journeyId, uint8 leg) external view returns (IReleaseRegister.Status);
}
