// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IConditionProofs} from "../interfaces/IConditionProofs.sol";
import {IConditionSegmentVerifier} from "../interfaces/IConditionSegmentVerifier.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Duties} from "../lib/Duties.sol";
import {SigningTime} from "../lib/SigningTime.sol";
import {ConditionSegmentSignals} from "../verifiers/generated/ConditionSegmentSignals.sol";
import {ConditionTerms} from "./ConditionTerms.sol";

/// @title Zero-knowledge proofs that signed readings kept the profile, added up to each leg's coverage.
/// @notice A proof accepted here states: the holder of the key under `deviceKeyCommitment` signed these readings; they
///         run from `from` to `to` and no two neighbours are further apart than the profile's longest gap; the hidden
///         totals continue those under `stateBefore`; and with the time out of range and beyond the tilt limit in this
///         segment added, they stay within the profile's budgets and lie under `stateAfter`. Everything else is stated
///         by this contract: the bounds come from the registered flow, the key from the device registry, the state
///         before and the start from the segment before, and chain, contract, journey and leg from `context`.
contract ConditionProofs is IConditionProofs, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant INTERVAL_ACCEPTANCE_TYPEHASH = keccak256(
        "IntervalAcceptance(bytes32 journeyId,uint8 leg,uint40 from,uint40 to,uint32 exceptionNumber,uint40 signedAt)"
    );

    /// @notice The state before a leg's first segment: Poseidon(0, 0), no time spent out of range.
    uint256 public constant GENESIS_STATE =
        14744269619966411208579211824598458697587494354926760081771325075741142829156;

    IDeviceRegistry public immutable devices;
    IFlowRegistry public immutable flows;
    ICustodyLedger public immutable ledger;
    IExceptionRegister public immutable exceptions;
    IParticipantRegistry public immutable participants;
    IConditionSegmentVerifier public immutable verifier;

    /// @dev A leg's coverage, with the number of the flow it was registered in: a journey never changes its flow. Three
    ///      slots; what is between `deviceId` and `state` fills one.
    struct Measurement {
        bytes32 deviceId;
        uint40 assignedFrom;
        uint40 from;
        uint40 to;
        uint32 segments;
        uint32 flow;
        uint32 acceptances;
        uint40 acceptedSeconds;
        uint256 state;
    }

    mapping(bytes32 journeyId => mapping(uint8 leg => Measurement)) private _measurements;

    constructor(
        IDeviceRegistry devices_,
        IFlowRegistry flows_,
        ICustodyLedger ledger_,
        IExceptionRegister exceptions_,
        IParticipantRegistry participants_,
        IConditionSegmentVerifier verifier_,
        uint48 adminDelay,
        address admin,
        address oracle
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        if (address(verifier_).code.length == 0) revert ConditionProofsVerifierWithoutCode(address(verifier_));
        devices = devices_;
        flows = flows_;
        ledger = ledger_;
        exceptions = exceptions_;
        participants = participants_;
        verifier = verifier_;
        _grantRole(ORACLE_ROLE, oracle);
    }

    function assignDevice(bytes32 journeyId, uint8 leg, bytes32 deviceId, uint40 assignedFrom)
        external
        onlyRole(ORACLE_ROLE)
    {
        uint32 flow = _flowOfLeg(journeyId, leg);
        Measurement storage covered = _measurements[journeyId][leg];
        if (covered.state != 0) revert ConditionProofsDeviceAlreadyAssigned(journeyId, leg, covered.deviceId);
        if (devices.device(deviceId).keyCommitment == 0) revert ConditionProofsUnknownDevice(deviceId);
        covered.deviceId = deviceId;
        covered.assignedFrom = assignedFrom;
        covered.flow = flow;
        covered.state = GENESIS_STATE;
        emit DeviceAssigned(journeyId, leg, deviceId, assignedFrom);
    }

    function submitSegments(bytes32 journeyId, uint8 leg, Segment[] calldata segments)
        external
        onlyRole(ORACLE_ROLE)
    {
        Measurement storage stored = _measurements[journeyId][leg];
        Measurement memory covered = stored;
        if (covered.state == 0) revert ConditionProofsNoDevice(journeyId, leg);
        (, IFlowRegistry.ConditionProfile memory profile) = flows.legProfile(covered.flow, leg);
        for (uint256 i; i < segments.length; ++i) {
            _accept(journeyId, leg, covered, profile, segments[i]);
        }
        stored.from = covered.from;
        stored.to = covered.to;
        stored.segments = covered.segments;
        stored.state = covered.state;
    }

    function acceptInterval(
        bytes32 journeyId,
        uint8 leg,
        uint40 to,
        uint32 exceptionNumber,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        Measurement storage covered = _measurements[journeyId][leg];
        if (covered.state == 0) revert ConditionProofsNoDevice(journeyId, leg);
        SigningTime.requireFresh(signedAt);
        uint40 from = coveredUntil(journeyId, leg);
        _requireAcceptable(journeyId, leg, from, to, exceptionNumber);
        (address signer,,) = ECDSA.tryRecover(
            intervalAcceptanceDigest(journeyId, leg, from, to, exceptionNumber, signedAt), signature
        );
        (uint32 participant, uint16 roles) = participants.activeSigner(signer);
        if (roles & Duties.QUALIFIED_PERSON == 0) {
            revert ConditionProofsNotAuthorised(signer, roles, Duties.QUALIFIED_PERSON);
        }
        if (covered.to == 0) covered.from = from;
        covered.to = to;
        covered.state = GENESIS_STATE;
        covered.acceptedSeconds += to - from;
        emit IntervalAccepted(
            journeyId, leg, covered.acceptances++, from, to, exceptionNumber, participant, signer, signedAt, signature
        );
    }

    function coverage(bytes32 journeyId, uint8 leg) external view returns (Coverage memory) {
        Measurement memory covered = _measurements[journeyId][leg];
        return Coverage({
            deviceId: covered.deviceId,
            assignedFrom: covered.assignedFrom,
            from: covered.from,
            to: covered.to,
            segments: covered.segments,
            acceptances: covered.acceptances,
            acceptedSeconds: covered.acceptedSeconds,
            state: covered.state
        });
    }

    function coveredUntil(bytes32 journeyId, uint8 leg) public view returns (uint40) {
        Measurement storage covered = _measurements[journeyId][leg];
        if (covered.to != 0) return covered.to;
        (IFlowRegistry.LegDefinition memory definition, IFlowRegistry.ConditionProfile memory profile) =
            flows.legProfile(_flowOfLeg(journeyId, leg), leg);
        uint40 start = ledger.stepOccurredAt(journeyId, definition.startStep);
        return start - uint40(start % ConditionTerms.timeUnitSeconds(profile.longestGapSeconds));
    }

    /// @notice The EIP-712 digest that a qualified person signs to accept an interval without proof.
    function intervalAcceptanceDigest(
        bytes32 journeyId,
        uint8 leg,
        uint40 from,
        uint40 to,
        uint32 exceptionNumber,
        uint40 signedAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(INTERVAL_ACCEPTANCE_TYPEHASH, journeyId, leg, from, to, exceptionNumber, signedAt))
        );
    }

    function legStatus(bytes32 journeyId, uint8 leg) external view returns (LegStatus) {
        (IFlowRegistry.LegDefinition memory definition, IFlowRegistry.ConditionProfile memory profile) =
            flows.legProfile(_flowOfLeg(journeyId, leg), leg);
        Measurement memory covered = _measurements[journeyId][leg];
        uint256 start = ledger.stepOccurredAt(journeyId, definition.startStep);
        uint256 end = ledger.stepOccurredAt(journeyId, definition.endStep);
        if (start == 0) return LegStatus.Pending;
        bool startCovered = covered.to != 0 && covered.from <= start + profile.longestGapSeconds;
        if (covered.to != 0 && !startCovered) return LegStatus.NotCompliant;
        if (end == 0) return LegStatus.Pending;
        if (end < start || end - start > profile.longestDurationSeconds) return LegStatus.NotCompliant;
        // The last reading's time was rounded down by less than one unit.
        uint256 slack = ConditionTerms.timeUnitSeconds(profile.longestGapSeconds) - 1;
        bool endCovered = uint256(covered.to) + profile.longestGapSeconds + slack >= end;
        if (!startCovered || !endCovered) return LegStatus.Pending;
        return covered.acceptances == 0 ? LegStatus.Compliant : LegStatus.Accepted;
    }

    /// @dev Three bits are dropped so that the value is below the field size.
    function context(bytes32 journeyId, uint8 leg) public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), journeyId, leg))) >> 3;
    }

    /// @dev Moves `covered` on by one segment, or reverts. The verifier's false is never more than a revert, since a
    ///      verifier short of gas answers false for a valid proof.
    function _accept(
        bytes32 journeyId,
        uint8 leg,
        Measurement memory covered,
        IFlowRegistry.ConditionProfile memory profile,
        Segment calldata segment
    ) private {
        _requireInterval(journeyId, leg, covered, profile, segment);
        uint256[6] memory signals = _publicSignals(journeyId, leg, covered, profile, segment);
        if (!verifier.verifyProof(segment.proofA, segment.proofB, segment.proofC, signals)) {
            revert ConditionProofsNotProven(journeyId, leg, segment.from, segment.to);
        }
        uint256 stateBefore = covered.state;
        if (covered.to == 0) covered.from = segment.from;
        covered.to = segment.to;
        covered.state = segment.stateAfter;
        emit SegmentProven(
            journeyId,
            leg,
            covered.segments++,
            segment.from,
            segment.to,
            stateBefore,
            segment.stateAfter,
            segment.readingsCommitment
        );
    }

    /// @dev On whole ticks, so that a segment can continue from `to`. What occurred within the last tick is covered by it.
    function _requireAcceptable(bytes32 journeyId, uint8 leg, uint40 from, uint40 to, uint32 exceptionNumber)
        private
        view
    {
        (IFlowRegistry.LegDefinition memory definition, IFlowRegistry.ConditionProfile memory profile) =
            flows.legProfile(_measurements[journeyId][leg].flow, leg);
        uint256 unit = ConditionTerms.timeUnitSeconds(profile.longestGapSeconds);
        uint256 latest = ledger.stepOccurredAt(journeyId, definition.endStep);
        if (latest == 0 || latest > block.timestamp) latest = block.timestamp;
        bool acceptable = from != 0 && to > from && to % unit == 0 && to < latest + unit;
        if (!acceptable) revert ConditionProofsNotAcceptable(journeyId, leg, from, to);
        IExceptionRegister.ExceptionRecord memory record = exceptions.exceptionAt(journeyId, exceptionNumber);
        bool covers = record.leg == leg + 1 && record.occurredAt >= from && record.occurredAt < to + unit
            && exceptions.isAccepted(journeyId, exceptionNumber);
        if (!covers) revert ConditionProofsExceptionDoesNotCover(journeyId, leg, exceptionNumber, from, to);
    }

    function _requireInterval(
        bytes32 journeyId,
        uint8 leg,
        Measurement memory covered,
        IFlowRegistry.ConditionProfile memory profile,
        Segment calldata segment
    ) private pure {
        if (covered.to != 0 && segment.from != covered.to) {
            revert ConditionProofsDoesNotContinue(journeyId, leg, covered.to, segment.from);
        }
        uint256 unit = ConditionTerms.timeUnitSeconds(profile.longestGapSeconds);
        // The time of assignment is rounded down to a tick, as the device rounds its first reading's.
        bool valid = segment.from / unit >= covered.assignedFrom / unit && segment.to >= segment.from
            && segment.from % unit == 0 && segment.to % unit == 0
            && segment.to / unit <= ConditionTerms.MAXIMUM_TIME_TICKS;
        if (!valid) revert ConditionProofsInvalidInterval(segment.from, segment.to);
    }

    function _publicSignals(
        bytes32 journeyId,
        uint8 leg,
        Measurement memory covered,
        IFlowRegistry.ConditionProfile memory profile,
        Segment calldata segment
    ) private view returns (uint256[6] memory signals) {
        if (segment.stateAfter >= ConditionSegmentSignals.FIELD_ORDER) revert ConditionProofsSignalOutOfField(segment.stateAfter);
        if (segment.readingsCommitment >= ConditionSegmentSignals.FIELD_ORDER) {
            revert ConditionProofsSignalOutOfField(segment.readingsCommitment);
        }
        uint256 keyCommitment = devices.measuringKey(covered.deviceId, segment.from, segment.to);
        if (keyCommitment == 0) revert ConditionProofsDeviceNotFit(covered.deviceId, segment.from, segment.to);
        signals[ConditionSegmentSignals.CONTEXT] = context(journeyId, leg);
        signals[ConditionSegmentSignals.DEVICE_KEY_COMMITMENT] = keyCommitment;
        signals[ConditionSegmentSignals.TERMS] = ConditionTerms.pack(profile, segment.from, segment.to);
        signals[ConditionSegmentSignals.STATE_BEFORE] = covered.state;
        signals[ConditionSegmentSignals.STATE_AFTER] = segment.stateAfter;
        signals[ConditionSegmentSignals.READINGS_COMMITMENT] = segment.readingsCommitment;
    }

    function _flowOfLeg(bytes32 journeyId, uint8 leg) private view returns (uint32 flow) {
        flow = ledger.journey(journeyId).flow;
        if (leg >= flows.header(flow).legCount) revert ConditionProofsUnknownLeg(journeyId, leg);
    }
}
