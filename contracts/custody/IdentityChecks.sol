// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IIdentityChecks} from "../interfaces/IIdentityChecks.sol";
import {IIdentityLinkVerifier} from "../interfaces/IIdentityLinkVerifier.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IReleaseRegister} from "../interfaces/IReleaseRegister.sol";
import {SigningTime} from "../lib/SigningTime.sol";
import {IdentityLinkSignals} from "../verifiers/generated/IdentityLinkSignals.sol";

/// @title Whose cells are these? Each check proves it without showing the identity.
/// @notice The identity commitment comes from the ledger, chain, contract, journey and step from this contract; a prover
///         chooses nothing but the fresh commitment.
contract IdentityChecks is IIdentityChecks, EIP712, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");
    bytes32 public constant IDENTITY_CHECK_TYPEHASH =
        keccak256("IdentityCheck(bytes32 journeyId,uint8 step,uint256 linkedCommitment,uint40 signedAt)");

    IParticipantRegistry public immutable participants;
    IFlowRegistry public immutable flows;
    ICustodyLedger public immutable ledger;
    IIdentityLinkVerifier public immutable verifier;

    mapping(bytes32 journeyId => mapping(uint8 step => uint8)) public persons;
    mapping(bytes32 journeyId => mapping(uint8 step => mapping(address signer => bool))) private _counted;
    mapping(uint256 commitment => bool) private _used;

    constructor(
        IParticipantRegistry participants_,
        IFlowRegistry flows_,
        ICustodyLedger ledger_,
        IIdentityLinkVerifier verifier_,
        uint48 adminDelay,
        address admin,
        address oracle
    ) EIP712("Threadline", "1") AccessControlDefaultAdminRules(adminDelay, admin) {
        if (address(verifier_).code.length == 0) revert IdentityChecksVerifierWithoutCode(address(verifier_));
        participants = participants_;
        flows = flows_;
        ledger = ledger_;
        verifier = verifier_;
        _grantRole(ORACLE_ROLE, oracle);
    }

    function record(
        bytes32 journeyId,
        uint8 step,
        uint256 linkedCommitment,
        uint40 signedAt,
        bytes calldata signature,
        uint256[2] calldata proofA,
        uint256[2][2] calldata proofB,
        uint256[2] calldata proofC
    ) external onlyRole(ORACLE_ROLE) {
        uint256[3] memory signals = _publicSignals(journeyId, step, linkedCommitment);
        SigningTime.requireFresh(signedAt);
        (address signer, uint32 participant) =
            _authenticate(journeyId, step, identityCheckDigest(journeyId, step, linkedCommitment, signedAt), signature);
        if (!verifier.verifyProof(proofA, proofB, proofC, signals)) {
            revert IdentityChecksNotProven(journeyId, step, linkedCommitment);
        }
        _used[linkedCommitment] = true;
        if (!_counted[journeyId][step][signer]) {
            _counted[journeyId][step][signer] = true;
            ++persons[journeyId][step];
        }
        emit IdentityChecked(
            journeyId, step, participant, signer, linkedCommitment, signedAt, persons[journeyId][step], signature
        );
    }

    /// @dev One check for each step that the gate requires and that the flow wants checked.
    function releaseChecks(bytes32 journeyId, uint32 flow, uint8 gate)
        external
        view
        returns (IReleaseRegister.Check[] memory list)
    {
        uint64 steps = flows.gate(flow, gate).requiredSteps;
        uint256 count;
        uint8[64] memory needed;
        for (uint8 i; i < 64; ++i) {
            if ((steps >> i) & 1 == 0) continue;
            needed[i] = flows.step(flow, i).identityCheckPersons;
            if (needed[i] != 0) ++count;
        }
        list = new IReleaseRegister.Check[](count);
        uint256 next;
        for (uint8 i; i < 64; ++i) {
            if (needed[i] == 0) continue;
            IReleaseRegister.Status status = persons[journeyId][i] >= needed[i]
                ? IReleaseRegister.Status.Compliant
                : IReleaseRegister.Status.Pending;
            list[next++] = IReleaseRegister.Check(IReleaseRegister.CheckKind.IdentityCheck, i, status);
        }
    }

    /// @dev Three bits are dropped so that the value is below the field size.
    function context(bytes32 journeyId, uint8 step) public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this), journeyId, step))) >> 3;
    }

    /// @notice The EIP-712 digest that the person who scanned signs.
    function identityCheckDigest(bytes32 journeyId, uint8 step, uint256 linkedCommitment, uint40 signedAt)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(
            keccak256(abi.encode(IDENTITY_CHECK_TYPEHASH, journeyId, step, linkedCommitment, signedAt))
        );
    }

    function _publicSignals(bytes32 journeyId, uint8 step, uint256 linkedCommitment)
        private
        view
        returns (uint256[3] memory signals)
    {
        uint256 identityCommitment = uint256(ledger.identityCommitment(journeyId));
        if (identityCommitment >= IdentityLinkSignals.FIELD_ORDER) revert IdentityChecksOutOfField(identityCommitment);
        if (linkedCommitment >= IdentityLinkSignals.FIELD_ORDER) revert IdentityChecksOutOfField(linkedCommitment);
        if (_used[linkedCommitment] || linkedCommitment == identityCommitment) {
            revert IdentityChecksCommitmentUsed(journeyId, linkedCommitment);
        }
        signals[IdentityLinkSignals.CONTEXT] = context(journeyId, step);
        signals[IdentityLinkSignals.IDENTITY_COMMITMENT] = identityCommitment;
        signals[IdentityLinkSignals.LINKED_COMMITMENT] = linkedCommitment;
    }

    function _authenticate(bytes32 journeyId, uint8 step, bytes32 digest, bytes calldata signature)
        private
        view
        returns (address signer, uint32 participant)
    {
        uint32 flow = ledger.journey(journeyId).flow;
        if (step >= flows.header(flow).stepCount) revert IdentityChecksUnknownStep(journeyId, step);
        (signer,,) = ECDSA.tryRecover(digest, signature);
        uint16 roles;
        (participant, roles) = participants.activeSigner(signer);
        uint16 rolesRequired = flows.step(flow, step).roles;
        if (roles & rolesRequired == 0) revert IdentityChecksNotAuthorised(signer, roles, rolesRequired);
    }
}
