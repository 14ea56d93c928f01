// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IExceptionRegister} from "../interfaces/IExceptionRegister.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Duties} from "../lib/Duties.sol";

/// @title Every divergence, seen by all parties and the authority at once.
/// @notice An exception is never deleted and its facts never change; it can be resolved once, by a qualified person's
///         own signature over the hash of the reason.
contract ExceptionRegister is IExceptionRegister, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant RAISER_ROLE = keccak256("RAISER_ROLE");
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant EXCEPTION_RESOLUTION_TYPEHASH =
        keccak256("ExceptionResolution(bytes32 journeyId,uint32 number,bytes32 justificationHash)");

    struct Tally {
        uint32 count;
        uint32 openHolding;
    }

    IParticipantRegistry public immutable participants;
    mapping(bytes32 journeyId => Tally) private _tallies;
    mapping(bytes32 journeyId => mapping(uint32 number => ExceptionRecord)) private _records;
    /// @dev Exception number + 1, so that zero means not raised. Keys are each raiser's own: nobody can take the key of
    ///      the ledger's rules beforehand, under a milder class, and so keep them silent.
    mapping(bytes32 journeyId => mapping(address raiser => mapping(bytes32 exceptionKey => uint32))) private _numbers;

    constructor(
        IParticipantRegistry participants_,
        uint48 adminDelay,
        address admin,
        address oracle,
        address custodyLedger
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        participants = participants_;
        _grantRole(ORACLE_ROLE, oracle);
        _grantRole(RAISER_ROLE, oracle);
        _grantRole(RAISER_ROLE, custodyLedger);
    }

    function raise(
        bytes32 exceptionKey,
        bytes32 journeyId,
        bytes32 code,
        Class exceptionClass,
        uint8 leg,
        uint40 occurredAt,
        bytes32 detailCommitment
    ) external onlyRole(RAISER_ROLE) returns (uint32 number) {
        if (exceptionKey == 0 || journeyId == 0 || code == 0) revert ExceptionRegisterZeroValue();
        uint32 raised = _numbers[journeyId][msg.sender][exceptionKey];
        if (raised != 0) return raised - 1;

        Tally memory tally = _tallies[journeyId];
        number = tally.count++;
        if (_holds(exceptionClass)) ++tally.openHolding;
        _tallies[journeyId] = tally;
        _numbers[journeyId][msg.sender][exceptionKey] = number + 1;
        _records[journeyId][number] = ExceptionRecord({
            code: code,
            class: exceptionClass,
            leg: leg,
            resolved: false,
            occurredAt: occurredAt,
            raisedAt: uint40(block.timestamp),
            detailCommitment: detailCommitment
        });
        emit ExceptionRaised(journeyId, code, number, exceptionClass, leg, occurredAt, detailCommitment, exceptionKey);
    }

    function resolve(bytes32 journeyId, uint32 number, bytes32 justificationHash, bytes calldata signature)
        external
        onlyRole(ORACLE_ROLE)
    {
        ExceptionRecord storage record = _known(journeyId, number);
        if (record.resolved) revert ExceptionRegisterAlreadyResolved(journeyId, number);
        if (justificationHash == 0) revert ExceptionRegisterNoJustification(journeyId, number);
        bytes32 digest = exceptionResolutionDigest(journeyId, number, justificationHash);
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        (uint32 participant, uint16 roles) = participants.activeSigner(signer);
        if (roles & Duties.QUALIFIED_PERSON == 0) revert ExceptionRegisterNotQuality(signer);

        record.resolved = true;
        if (_holds(record.class)) --_tallies[journeyId].openHolding;
        emit ExceptionResolved(journeyId, number, participant, justificationHash);
    }

    function count(bytes32 journeyId) external view returns (uint32) {
        return _tallies[journeyId].count;
    }

    function openHolding(bytes32 journeyId) external view returns (uint32) {
        return _tallies[journeyId].openHolding;
    }

    function exceptionAt(bytes32 journeyId, uint32 number) external view returns (ExceptionRecord memory) {
        return _known(journeyId, number);
    }

    /// @notice The EIP-712 digest that a qualified person signs to resolve an exception.
    function exceptionResolutionDigest(bytes32 journeyId, uint32 number, bytes32 justificationHash)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(
            keccak256(abi.encode(EXCEPTION_RESOLUTION_TYPEHASH, journeyId, number, justificationHash))
        );
    }

    function _known(bytes32 journeyId, uint32 number) private view returns (ExceptionRecord storage) {
        if (number >= _tallies[journeyId].count) revert ExceptionRegisterUnknownException(journeyId, number);
        return _records[journeyId][number];
    }

    function _holds(Class exceptionClass) private pure returns (bool) {
        return exceptionClass == Class.Major || exceptionClass == Class.Critical;
    }
}
