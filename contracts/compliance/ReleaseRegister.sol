// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IConditionProofs} from "../interfaces/IConditionProofs.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IDispositionRegister} from "../interfaces/IDispositionRegister.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IReleaseCondition} from "../interfaces/IReleaseCondition.sol";
import {IReleaseRegister} from "../interfaces/IReleaseRegister.sol";
import {SigningTime} from "../lib/SigningTime.sol";

/// @title Decisions are gated: release only when every check is compliant and a person signs.
/// @notice The signature covers the head of the journey's hash chain: it stands for the record the signer saw.
contract ReleaseRegister is IReleaseRegister, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant RELEASE_DECISION_TYPEHASH =
        keccak256("ReleaseDecision(bytes32 journeyId,uint8 gate,bytes32 head,uint40 signedAt)");

    IParticipantRegistry public immutable participants;
    IFlowRegistry public immutable flows;
    ICustodyLedger public immutable ledger;
    IConditionProofs public immutable proofs;
    IExceptionRegister public immutable exceptions;
    IDispositionRegister public immutable dispositions;
    /// @dev Written at construction only.
    IReleaseCondition[] private _conditions;

    constructor(
        IParticipantRegistry participants_,
        IFlowRegistry flows_,
        ICustodyLedger ledger_,
        IConditionProofs proofs_,
        IExceptionRegister exceptions_,
        IDispositionRegister dispositions_,
        IReleaseCondition[] memory conditions_,
        uint48 adminDelay,
        address admin,
        address oracle
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        flows = flows_;
        ledger = ledger_;
        proofs = proofs_;
        exceptions = exceptions_;
        dispositions = dispositions_;
        for (uint256 i; i < conditions_.length; ++i) {
            if (address(conditions_[i]).code.length == 0) {
                revert ReleaseRegisterConditionWithoutCode(address(conditions_[i]));
            }
            _conditions.push(conditions_[i]);
        }
        _grantRole(ORACLE_ROLE, oracle);
    }

    function release(
        bytes32 journeyId,
        uint8 gate,
        bytes32 signedHead,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        (IFlowRegistry.GateDefinition memory definition, ICustodyLedger.Journey memory journey) =
            _gateOf(journeyId, gate);
        if (_has(journey.releasedGates, gate)) revert ReleaseRegisterAlreadyReleased(journeyId, gate);
        bytes32 head = ledger.head(journeyId);
        if (head != signedHead) revert ReleaseRegisterStaleHead(journeyId, head, signedHead);
        SigningTime.requireFresh(signedAt);
        _requireReleasable(journeyId, gate);

        (address signer,,) = ECDSA.tryRecover(releaseDecisionDigest(journeyId, gate, head, signedAt), signature);
        (uint32 participant, uint16 roles) = participants.activeSigner(signer);
        if (roles & definition.roles == 0) revert ReleaseRegisterNotAuthorised(signer, roles, definition.roles);
        if (definition.ownKey && participants.isHosted(signer)) revert ReleaseRegisterHostedKey(journeyId, gate, signer);

        ledger.markGateReleased(journeyId, gate);
        emit GateReleased(journeyId, gate, participant, signer, head, signedAt, uint40(block.timestamp), signature);
    }

    function isReleasable(bytes32 journeyId, uint8 gate) external view returns (bool) {
        Check[] memory list = checks(journeyId, gate);
        for (uint256 i; i < list.length; ++i) {
            if (!_passes(list[i].status)) return false;
        }
        return true;
    }

    function isReleased(bytes32 journeyId, uint8 gate) external view returns (bool) {
        (, ICustodyLedger.Journey memory journey) = _gateOf(journeyId, gate);
        return _has(journey.releasedGates, gate);
    }

    function checks(bytes32 journeyId, uint8 gate) public view returns (Check[] memory list) {
        (IFlowRegistry.GateDefinition memory definition, ICustodyLedger.Journey memory journey) =
            _gateOf(journeyId, gate);
        list = _recordChecks(journeyId, definition, journey);
        for (uint256 i; i < _conditions.length; ++i) {
            list = _joined(list, _conditions[i].releaseChecks(journeyId, journey.flow, gate));
        }
    }

    function conditions() external view returns (IReleaseCondition[] memory) {
        return _conditions;
    }

    /// @notice The EIP-712 digest that a person with the gate's duty signs to release it.
    function releaseDecisionDigest(bytes32 journeyId, uint8 gate, bytes32 head, uint40 signedAt)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(keccak256(abi.encode(RELEASE_DECISION_TYPEHASH, journeyId, gate, head, signedAt)));
    }

    /// @dev What custody, condition and exceptions say: steps, legs and gates by number, then the exceptions.
    function _recordChecks(
        bytes32 journeyId,
        IFlowRegistry.GateDefinition memory definition,
        ICustodyLedger.Journey memory journey
    ) private view returns (Check[] memory list) {
        uint256 next;
        list = new Check[](
            _count(definition.requiredSteps) + _count(definition.requiredLegs) + _count(definition.requiredGates) + 1
        );
        for (uint8 i; i < 64; ++i) {
            if (!_has(definition.requiredSteps, i)) continue;
            list[next++] = Check(CheckKind.Step, i, _doneOrPending(_has(journey.recordedSteps, i)));
        }
        for (uint8 i; i < 16; ++i) {
            if (!_has(definition.requiredLegs, i)) continue;
            list[next++] = Check(CheckKind.Leg, i, Status(uint8(proofs.legStatus(journeyId, i))));
        }
        for (uint8 i; i < 16; ++i) {
            if (!_has(definition.requiredGates, i)) continue;
            list[next++] = Check(CheckKind.Gate, i, _gateStatus(journeyId, journey, i));
        }
        Status open = exceptions.openHolding(journeyId) == 0 ? Status.Compliant : Status.NotCompliant;
        list[next] = Check(CheckKind.NoOpenException, 0, open);
    }

    /// @dev A gate that an exceptional release waives is done with, though not released, when the batch went that way.
    function _gateStatus(bytes32 journeyId, ICustodyLedger.Journey memory journey, uint8 gate)
        private
        view
        returns (Status)
    {
        if (_has(journey.releasedGates, gate)) return Status.Compliant;
        bool waived = flows.gate(journey.flow, gate).waivedByExceptionalRelease
            && dispositions.isExceptionallyReleased(journeyId);
        return waived ? Status.Completed : Status.Pending;
    }

    function _requireReleasable(bytes32 journeyId, uint8 gate) private view {
        Check[] memory list = checks(journeyId, gate);
        for (uint256 i; i < list.length; ++i) {
            Check memory check = list[i];
            if (!_passes(check.status)) {
                revert ReleaseRegisterNotReleasable(journeyId, gate, check.kind, check.number, check.status);
            }
        }
    }

    function _gateOf(bytes32 journeyId, uint8 gate)
        private
        view
        returns (IFlowRegistry.GateDefinition memory definition, ICustodyLedger.Journey memory journey)
    {
        journey = ledger.journey(journeyId);
        if (gate >= flows.header(journey.flow).gateCount) revert ReleaseRegisterUnknownGate(journeyId, gate);
        definition = flows.gate(journey.flow, gate);
    }

    function _passes(Status status) private pure returns (bool) {
        return status == Status.Compliant || status == Status.Completed;
    }

    function _joined(Check[] memory first, Check[] memory second) private pure returns (Check[] memory list) {
        list = new Check[](first.length + second.length);
        for (uint256 i; i < first.length; ++i) {
            list[i] = first[i];
        }
        for (uint256 i; i < second.length; ++i) {
            list[first.length + i] = second[i];
        }
    }

    function _doneOrPending(bool done) private pure returns (Status) {
        return done ? Status.Compliant : Status.Pending;
    }

    function _has(uint256 bitmap, uint256 number) private pure returns (bool) {
        return (bitmap >> number) & 1 == 1;
    }

    function _count(uint256 bitmap) private pure returns (uint256 bits) {
        for (; bitmap != 0; bitmap &= bitmap - 1) {
            ++bits;
        }
    }
}
