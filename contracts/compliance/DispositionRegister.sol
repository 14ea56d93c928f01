// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IDispositionRegister} from "../interfaces/IDispositionRegister.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IReleaseCondition} from "../interfaces/IReleaseCondition.sol";
import {IReleaseRegister} from "../interfaces/IReleaseRegister.sol";
import {SigningTime} from "../lib/SigningTime.sol";
import {DispositionRules} from "./DispositionRules.sol";

/// @title What becomes of a batch, decided by signature; a batch on hold, rejected, in rework or recalled holds every gate.
/// @notice Each signature carries the number of decisions, steps and recalls its signer has seen. So it counts once, and a
///         decision made before a hold or a recall was known does not lift it.
contract DispositionRegister is IDispositionRegister, IReleaseCondition, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant DISPOSITION_DECISION_TYPEHASH = keccak256(
        "DispositionDecision(bytes32 journeyId,uint32 number,uint8 decision,bytes32 head,bytes32 reasonHash,uint40 signedAt)"
    );
    bytes32 public constant EXCEPTIONAL_RELEASE_STEP_TYPEHASH = keccak256(
        "ExceptionalReleaseStep(bytes32 journeyId,uint32 number,uint8 step,bytes32 documentHash,uint40 signedAt)"
    );
    bytes32 public constant RECALL_ACKNOWLEDGEMENT_TYPEHASH =
        keccak256("RecallAcknowledgement(bytes32 journeyId,uint32 recalls,uint40 signedAt)");

    IParticipantRegistry public immutable participants;
    IFlowRegistry public immutable flows;
    ICustodyLedger public immutable ledger;
    IExceptionRegister public immutable exceptions;

    mapping(bytes32 journeyId => Disposition) private _dispositions;
    /// @dev How many recalls of a journey each participant has acknowledged.
    mapping(bytes32 journeyId => mapping(uint32 participant => uint32)) public acknowledgedRecalls;

    constructor(
        IParticipantRegistry participants_,
        IFlowRegistry flows_,
        ICustodyLedger ledger_,
        IExceptionRegister exceptions_,
        uint48 adminDelay,
        address admin,
        address oracle
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        flows = flows_;
        ledger = ledger_;
        exceptions = exceptions_;
        _grantRole(ORACLE_ROLE, oracle);
    }

    function decide(
        bytes32 journeyId,
        uint32 number,
        Decision decision,
        bytes32 head,
        bytes32 reasonHash,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        Disposition memory state = _seen(journeyId, number, reasonHash, signedAt);
        bytes32 present = ledger.head(journeyId);
        if (head != present && decision != Decision.OnHold) {
            revert DispositionRegisterStaleHead(journeyId, present, head);
        }
        (address signer, uint32 participant) = _authorised(
            dispositionDecisionDigest(journeyId, number, decision, head, reasonHash, signedAt),
            signature,
            DispositionRules.deciders(decision)
        );
        _dispositions[journeyId] = _decided(journeyId, state, decision);
        emit DispositionDecided(
            journeyId, number, decision, participant, signer, head, reasonHash, signedAt, uint40(block.timestamp), signature
        );
    }

    function takeStep(
        bytes32 journeyId,
        uint32 number,
        Step step,
        bytes32 documentHash,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        Disposition memory state = _seen(journeyId, number, documentHash, signedAt);
        (address signer, uint32 participant) = _authorised(
            exceptionalReleaseStepDigest(journeyId, number, step, documentHash, signedAt),
            signature,
            DispositionRules.stepTakers(step)
        );
        _dispositions[journeyId] = _stepped(journeyId, state, step, participant);
        emit ExceptionalReleaseStepTaken(
            journeyId, number, step, participant, signer, documentHash, signedAt, uint40(block.timestamp), signature
        );
    }

    function acknowledgeRecall(bytes32 journeyId, uint32 recalls, uint40 signedAt, bytes calldata signature)
        external
        onlyRole(ORACLE_ROLE)
    {
        SigningTime.requireFresh(signedAt);
        (address signer, uint32 participant) =
            _authorised(recallAcknowledgementDigest(journeyId, recalls, signedAt), signature, type(uint16).max);
        uint32 raised = exceptions.recallCount(journeyId);
        if (recalls > raised || recalls <= acknowledgedRecalls[journeyId][participant]) {
            revert DispositionRegisterNothingToAcknowledge(journeyId, raised, participant);
        }
        acknowledgedRecalls[journeyId][participant] = recalls;
        emit RecallAcknowledged(journeyId, recalls, participant, signer, signedAt, uint40(block.timestamp), signature);
    }

    /// @notice No check while there is nothing to say, so that a flow without dispositions goes on as before. A gate that an
    ///         exceptional release waives is never released once that way is begun: such a batch is not certified.
    function releaseChecks(bytes32 journeyId, uint32 flow, uint8 gate)
        external
        view
        returns (IReleaseRegister.Check[] memory list)
    {
        Disposition memory state = _dispositions[journeyId];
        bool recalled = exceptions.recallCount(journeyId) != state.recallsJudged;
        if (!recalled && state.decision == Decision.None && state.stage == Stage.None) return list;
        list = new IReleaseRegister.Check[](1);
        list[0].kind = IReleaseRegister.CheckKind.Disposition;
        bool isClosed = state.stage != Stage.None && flows.gate(flow, gate).waivedByExceptionalRelease;
        if (recalled || isClosed || DispositionRules.holds(state.decision)) {
            list[0].status = IReleaseRegister.Status.NotCompliant;
        } else if (state.decision == Decision.ExceptionalRelease) {
            list[0].status = IReleaseRegister.Status.Completed;
        } else if (state.decision != Decision.None) {
            list[0].status = IReleaseRegister.Status.Compliant;
        }
    }

    function disposition(bytes32 journeyId) external view returns (Disposition memory) {
        return _dispositions[journeyId];
    }

    function isExceptionallyReleased(bytes32 journeyId) external view returns (bool) {
        return _dispositions[journeyId].decision == Decision.ExceptionalRelease;
    }

    function authorityNotificationDueAt(bytes32 journeyId) external view returns (uint40) {
        uint40 releasedAt = _dispositions[journeyId].exceptionalReleaseAt;
        if (releasedAt == 0) return 0;
        return releasedAt + flows.header(ledger.journey(journeyId).flow).authorityNotificationSeconds;
    }

    function nextNumber(bytes32 journeyId) public view returns (uint32) {
        return _dispositions[journeyId].entries + exceptions.recallCount(journeyId);
    }

    /// @notice The EIP-712 digest that whoever decides signs.
    function dispositionDecisionDigest(
        bytes32 journeyId,
        uint32 number,
        Decision decision,
        bytes32 head,
        bytes32 reasonHash,
        uint40 signedAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(DISPOSITION_DECISION_TYPEHASH, journeyId, number, decision, head, reasonHash, signedAt))
        );
    }

    /// @notice The EIP-712 digest that whoever takes a step signs.
    function exceptionalReleaseStepDigest(
        bytes32 journeyId,
        uint32 number,
        Step step,
        bytes32 documentHash,
        uint40 signedAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(EXCEPTIONAL_RELEASE_STEP_TYPEHASH, journeyId, number, step, documentHash, signedAt))
        );
    }

    /// @notice The EIP-712 digest that a holder signs to acknowledge the recalls so far.
    function recallAcknowledgementDigest(bytes32 journeyId, uint32 recalls, uint40 signedAt)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(RECALL_ACKNOWLEDGEMENT_TYPEHASH, journeyId, recalls, signedAt)));
    }

    /// @dev The state as the signer must have seen it.
    function _seen(bytes32 journeyId, uint32 number, bytes32 reasonHash, uint40 signedAt)
        private
        view
        returns (Disposition memory)
    {
        uint32 expected = nextNumber(journeyId);
        if (number != expected) revert DispositionRegisterStaleNumber(journeyId, expected, number);
        if (reasonHash == 0) revert DispositionRegisterNoReason(journeyId);
        SigningTime.requireFresh(signedAt);
        return _dispositions[journeyId];
    }

    function _authorised(bytes32 digest, bytes calldata signature, uint16 needed)
        private
        view
        returns (address signer, uint32 participant)
    {
        uint16 roles;
        (signer,,) = ECDSA.tryRecover(digest, signature);
        (participant, roles) = participants.activeSigner(signer);
        if (roles & needed == 0) revert DispositionRegisterNotAuthorised(signer, roles, needed);
    }

    function _decided(bytes32 journeyId, Disposition memory state, Decision decision)
        private
        view
        returns (Disposition memory)
    {
        if (!DispositionRules.mayFollow(state.decision, decision)) {
            revert DispositionRegisterIllegalTransition(journeyId, state.decision, decision);
        }
        if (!DispositionRules.suitsStage(decision, state.stage)) {
            revert DispositionRegisterOutOfOrder(journeyId, state.stage);
        }
        if (decision == Decision.ExceptionalRelease && state.stage == Stage.Confirmed) {
            state.stage = Stage.Released;
            state.exceptionalReleaseAt = uint40(block.timestamp);
        }
        if (decision == Decision.Rework) {
            state.stage = Stage.None;
            state.requester = 0;
        }
        if (DispositionRules.letsGo(decision)) state.recallsJudged = exceptions.recallCount(journeyId);
        state.decision = decision;
        ++state.entries;
        return state;
    }

    function _stepped(bytes32 journeyId, Disposition memory state, Step step, uint32 participant)
        private
        view
        returns (Disposition memory)
    {
        if (!DispositionRules.isInOrder(step, state.stage, state.decision)) {
            revert DispositionRegisterOutOfOrder(journeyId, state.stage);
        }
        if (DispositionRules.isRequesters(step) && participant != state.requester) {
            revert DispositionRegisterNotRequester(journeyId, state.requester, participant);
        }
        if (step == Step.Request) {
            uint32 flow = ledger.journey(journeyId).flow;
            if (flows.header(flow).authorityNotificationSeconds == 0) {
                revert DispositionRegisterNotProvidedFor(journeyId, flow);
            }
            state.requester = participant;
        }
        if (step == Step.Withdrawal) state.requester = 0;
        if (step == Step.AuthorityNotification) state.authorityNotifiedAt = uint40(block.timestamp);
        state.stage = DispositionRules.stageAfter(step);
        ++state.entries;
        return state;
    }
}
