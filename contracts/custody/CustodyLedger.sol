// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {CustodyRules} from "./CustodyRules.sol";

/// @title The custody history of every journey.
/// @notice head(0) = keccak256(abi.encode(journeyId, flow, identityCommitment)) and
///         head(n+1) = keccak256(abi.encode(head(n), commitment, step, occurredAt, recordedAt, signer)).
///         The sequence number an event carries under its signature makes it count once and in one place.
contract CustodyLedger is ICustodyLedger, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    /// @notice Held by the release register alone.
    bytes32 public constant RELEASE_ROLE = keccak256("RELEASE_ROLE");
    bytes32 public constant CUSTODY_EVENT_TYPEHASH = keccak256(
        "CustodyEvent(bytes32 journeyId,bytes32 commitment,uint32 sequence,uint8 step,uint40 occurredAt)"
    );

    uint256 private constant ANCHORS_PER_SLOT = 6;
    uint256 private constant ANCHOR_BITS = 40;

    IParticipantRegistry public immutable participants;
    IFlowRegistry public immutable flows;
    IExceptionRegister public immutable exceptions;

    mapping(bytes32 journeyId => Journey) private _journeys;
    mapping(bytes32 journeyId => bytes32) private _heads;
    mapping(bytes32 journeyId => bytes32) private _identityCommitments;
    /// @dev First times of anchor steps, six to a slot.
    mapping(bytes32 journeyId => mapping(uint256 slot => uint256)) private _anchors;

    constructor(
        IParticipantRegistry participants_,
        IFlowRegistry flows_,
        IExceptionRegister exceptions_,
        uint48 adminDelay,
        address admin,
        address oracle,
        address releaseRegister
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        flows = flows_;
        exceptions = exceptions_;
        _grantRole(ORACLE_ROLE, oracle);
        _grantRole(RELEASE_ROLE, releaseRegister);
    }

    function openJourney(bytes32 journeyId, uint32 flow, bytes32 identityCommitment_) external onlyRole(ORACLE_ROLE) {
        if (journeyId == 0 || _journeys[journeyId].flow != 0) revert CustodyLedgerJourneyExists(journeyId);
        flows.header(flow);
        bytes32 firstHead = keccak256(abi.encode(journeyId, flow, identityCommitment_));
        _journeys[journeyId].flow = flow;
        _heads[journeyId] = firstHead;
        _identityCommitments[journeyId] = identityCommitment_;
        emit JourneyOpened(journeyId, flow, identityCommitment_, firstHead);
    }

    function record(CustodyEvent[] calldata events) external onlyRole(ORACLE_ROLE) {
        for (uint256 i; i < events.length; ++i) {
            _record(events[i], uint40(block.timestamp));
        }
    }

    function markGateReleased(bytes32 journeyId, uint8 gate) external {
        if (!hasRole(RELEASE_ROLE, msg.sender)) revert CustodyLedgerNotReleaseRegister(msg.sender);
        _known(journeyId).releasedGates |= uint8(1 << gate);
    }

    function journey(bytes32 journeyId) external view returns (Journey memory) {
        return _known(journeyId);
    }

    function head(bytes32 journeyId) external view returns (bytes32) {
        _known(journeyId);
        return _heads[journeyId];
    }

    function identityCommitment(bytes32 journeyId) external view returns (bytes32) {
        _known(journeyId);
        return _identityCommitments[journeyId];
    }

    function stepOccurredAt(bytes32 journeyId, uint8 step) public view returns (uint40) {
        (uint256 slot, uint256 shift) = _anchorPlace(step);
        return uint40(_anchors[journeyId][slot] >> shift);
    }

    function custodyEventDigest(
        bytes32 journeyId,
        bytes32 commitment,
        uint32 sequence,
        uint8 step,
        uint40 occurredAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(CUSTODY_EVENT_TYPEHASH, journeyId, commitment, sequence, step, occurredAt))
        );
    }

    function _record(CustodyEvent calldata item, uint40 recordedAt) private {
        Journey memory state = _known(item.journeyId);
        if (item.sequence != state.eventCount) {
            revert CustodyLedgerSequenceMismatch(item.journeyId, state.eventCount, item.sequence);
        }
        (address signer, uint32 participant, uint16 roles) = _authenticate(item);
        uint256 findings = _judge(item, state, participant, roles, recordedAt);
        ++state.eventCount;
        _journeys[item.journeyId] = state;
        bytes32 nextHead = keccak256(
            abi.encode(_heads[item.journeyId], item.commitment, item.step, item.occurredAt, recordedAt, signer)
        );
        _heads[item.journeyId] = nextHead;
        _emitRecorded(item, participant, recordedAt, nextHead);
        if (findings != 0) _raise(item, findings);
    }

    function _authenticate(CustodyEvent calldata item)
        private
        view
        returns (address signer, uint32 participant, uint16 roles)
    {
        bytes32 digest =
            custodyEventDigest(item.journeyId, item.commitment, item.sequence, item.step, item.occurredAt);
        (signer,,) = ECDSA.tryRecover(digest, item.signatureR, item.signatureVS);
        if (signer != address(0)) (participant, roles) = participants.activeSigner(signer);
        if (participant == 0) revert CustodyLedgerInvalidSignature(item.journeyId, item.sequence, signer);
    }

    /// @dev Judges the event by the rules in their order and moves `state` on. Stores only the anchor's time.
    function _judge(CustodyEvent calldata item, Journey memory state, uint32 participant, uint16 roles, uint40 recordedAt)
        private
        returns (uint256 findings)
    {
        (IFlowRegistry.StepDefinition memory step, uint32 lateEntryTolerance, uint32 handoverTolerance) =
            flows.stepRules(state.flow, item.step);
        findings = CustodyRules.timeliness(item.occurredAt, recordedAt, lateEntryTolerance);
        // A registered step names at least one duty: none means that the flow has no such step.
        if (step.roles == 0) return findings | CustodyRules.STEP_OUT_OF_ORDER;

        if (roles & step.roles == 0) findings |= CustodyRules.ACTOR_NOT_AUTHORISED;
        findings |= CustodyRules.order(state, step, item.step);
        findings |= _limit(item, step.firstLimitAnchor, step.firstLimitSeconds);
        findings |= _limit(item, step.secondLimitAnchor, step.secondLimitSeconds);
        findings |= CustodyRules.transfer(state, step.custody, participant, item.occurredAt, handoverTolerance);
        uint64 bit = uint64(1) << item.step;
        if (step.anchor && state.recordedSteps & bit == 0) {
            (uint256 slot, uint256 shift) = _anchorPlace(item.step);
            _anchors[item.journeyId][slot] |= uint256(item.occurredAt) << shift;
        }
        state.recordedSteps |= bit;
    }

    /// @param anchor Step number + 1, zero for no limit.
    function _limit(CustodyEvent calldata item, uint8 anchor, uint32 limitSeconds) private view returns (uint256) {
        if (anchor == 0) return 0;
        return CustodyRules.limit(stepOccurredAt(item.journeyId, anchor - 1), limitSeconds, item.occurredAt);
    }

    function _raise(CustodyEvent calldata item, uint256 findings) private {
        for (uint256 i; i < CustodyRules.COUNT; ++i) {
            uint256 finding = findings & (1 << i);
            if (finding == 0) continue;
            bytes32 code = CustodyRules.codeOf(finding);
            exceptions.raise(
                keccak256(abi.encode(item.journeyId, item.sequence, code)),
                item.journeyId,
                code,
                0,
                item.occurredAt,
                keccak256(abi.encode(item.commitment, code))
            );
        }
    }

    function _emitRecorded(CustodyEvent calldata item, uint32 participant, uint40 recordedAt, bytes32 nextHead) private {
        emit CustodyEventRecorded(
            item.journeyId,
            participant,
            item.sequence,
            item.commitment,
            item.step,
            item.occurredAt,
            recordedAt,
            nextHead,
            item.signatureR,
            item.signatureVS
        );
    }

    function _known(bytes32 journeyId) private view returns (Journey storage found) {
        found = _journeys[journeyId];
        if (found.flow == 0) revert CustodyLedgerUnknownJourney(journeyId);
    }

    function _anchorPlace(uint8 step) private pure returns (uint256 slot, uint256 shift) {
        return (step / ANCHORS_PER_SLOT, (step % ANCHORS_PER_SLOT) * ANCHOR_BITS);
    }
}
