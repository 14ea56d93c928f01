// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IExceptionCatalogue} from "../interfaces/IExceptionCatalogue.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {SigningTime} from "../lib/SigningTime.sol";
import {ExceptionLifecycle} from "./ExceptionLifecycle.sol";

/// @title Every divergence, seen by all parties and the authority at once.
/// @notice An exception is never deleted and its facts never change. It stops holding a release only after one account
///         proposed and another, of a qualified person, approved.
contract ExceptionRegister is IExceptionRegister, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant RAISER_ROLE = keccak256("RAISER_ROLE");
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant EXCEPTION_TRANSITION_TYPEHASH = keccak256(
        "ExceptionTransition(bytes32 journeyId,uint32 number,uint8 from,uint8 to,bytes32 reasonHash,uint40 signedAt)"
    );

    struct Tally {
        uint32 count;
        uint32 openHolding;
        uint32 recalls;
    }

    IParticipantRegistry public immutable participants;
    IExceptionCatalogue public immutable catalogue;
    mapping(bytes32 journeyId => Tally) private _tallies;
    mapping(bytes32 journeyId => mapping(uint32 number => ExceptionRecord)) private _records;
    /// @dev Exception number + 1, so that zero means not raised. Keys are each raiser's own: nobody can take the key of
    ///      the ledger's rules beforehand, under a milder code, and so keep them silent.
    mapping(bytes32 journeyId => mapping(address raiser => mapping(bytes32 exceptionKey => uint32))) private _numbers;
    /// @dev Stages may come again (sent back, escalated); a signature of the first time must not serve the second.
    mapping(bytes32 digest => bool) private _used;

    constructor(
        IParticipantRegistry participants_,
        IExceptionCatalogue catalogue_,
        uint48 adminDelay,
        address admin,
        address oracle,
        address custodyLedger
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        catalogue = catalogue_;
        _grantRole(ORACLE_ROLE, oracle);
        _grantRole(RAISER_ROLE, oracle);
        _grantRole(RAISER_ROLE, custodyLedger);
    }

    function raise(
        bytes32 exceptionKey,
        bytes32 journeyId,
        bytes32 code,
        uint8 leg,
        uint40 occurredAt,
        bytes32 detailCommitment
    ) external onlyRole(RAISER_ROLE) returns (uint32 number) {
        if (exceptionKey == 0 || journeyId == 0 || code == 0) revert ExceptionRegisterZeroValue();
        uint32 raised = _numbers[journeyId][msg.sender][exceptionKey];
        if (raised != 0) return raised - 1;

        IExceptionCatalogue.Entry memory entry = catalogue.entry(code);
        uint40 dueAt = uint40(block.timestamp) + entry.reactWithinSeconds;
        Tally memory tally = _tallies[journeyId];
        number = tally.count++;
        if (ExceptionLifecycle.holds(entry.class)) ++tally.openHolding;
        if (entry.recalls) ++tally.recalls;
        _tallies[journeyId] = tally;
        _numbers[journeyId][msg.sender][exceptionKey] = number + 1;
        ExceptionRecord storage record = _records[journeyId][number];
        record.code = code;
        (record.class, record.leg, record.stage) = (entry.class, leg, Stage.Detected);
        (record.occurredAt, record.raisedAt, record.dueAt) = (occurredAt, uint40(block.timestamp), dueAt);
        record.detailCommitment = detailCommitment;
        emit ExceptionRaised(
            journeyId, code, number, entry.class, leg, occurredAt, dueAt, detailCommitment, exceptionKey
        );
        if (entry.recalls) emit RecallRaised(journeyId, tally.recalls - 1, number, code);
    }

    function advance(
        bytes32 journeyId,
        uint32 number,
        Stage to,
        bytes32 reasonHash,
        uint40 signedAt,
        bytes calldata signature
    ) external onlyRole(ORACLE_ROLE) {
        ExceptionRecord storage record = _known(journeyId, number);
        Stage from = record.stage;
        if (!ExceptionLifecycle.follows(from, to)) {
            revert ExceptionRegisterIllegalTransition(journeyId, number, from, to);
        }
        if (reasonHash == 0) revert ExceptionRegisterNoReason(journeyId, number);
        SigningTime.requireFresh(signedAt);
        bytes32 digest = exceptionTransitionDigest(journeyId, number, from, to, reasonHash, signedAt);
        if (_used[digest]) revert ExceptionRegisterSignatureUsed(digest);
        _used[digest] = true;
        (address signer, uint32 participant) = _authenticate(digest, signature, ExceptionLifecycle.dutiesFrom(from));

        if (ExceptionLifecycle.isProposal(from) && signer == record.proposer) {
            revert ExceptionRegisterSamePerson(journeyId, number, signer);
        }
        if (ExceptionLifecycle.isProposal(to)) record.proposer = signer;
        if (ExceptionLifecycle.isApproved(to)) {
            record.outcome = to;
            if (ExceptionLifecycle.holds(record.class)) --_tallies[journeyId].openHolding;
        }
        record.stage = to;
        emit ExceptionAdvanced(journeyId, number, from, to, participant, signer, reasonHash, signedAt, signature);
    }

    function count(bytes32 journeyId) external view returns (uint32) {
        return _tallies[journeyId].count;
    }

    function openHolding(bytes32 journeyId) external view returns (uint32) {
        return _tallies[journeyId].openHolding;
    }

    function recallCount(bytes32 journeyId) external view returns (uint32) {
        return _tallies[journeyId].recalls;
    }

    function exceptionAt(bytes32 journeyId, uint32 number) external view returns (ExceptionRecord memory) {
        return _known(journeyId, number);
    }

    function isAccepted(bytes32 journeyId, uint32 number) external view returns (bool) {
        return _known(journeyId, number).outcome == Stage.Accepted;
    }

    /// @notice The EIP-712 digest that a reviewer or approver signs to move an exception on.
    function exceptionTransitionDigest(
        bytes32 journeyId,
        uint32 number,
        Stage from,
        Stage to,
        bytes32 reasonHash,
        uint40 signedAt
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(EXCEPTION_TRANSITION_TYPEHASH, journeyId, number, from, to, reasonHash, signedAt)
            )
        );
    }

    function _authenticate(bytes32 digest, bytes calldata signature, uint16 needed)
        private
        view
        returns (address signer, uint32 participant)
    {
        uint16 roles;
        (signer,,) = ECDSA.tryRecover(digest, signature);
        (participant, roles) = participants.activeSigner(signer);
        if (roles & needed == 0) revert ExceptionRegisterNotAuthorised(signer, roles, needed);
    }

    function _known(bytes32 journeyId, uint32 number) private view returns (ExceptionRecord storage) {
        if (number >= _tallies[journeyId].count) revert ExceptionRegisterUnknownException(journeyId, number);
        return _records[journeyId][number];
    }
}
