// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {IBatchProofs} from "../interfaces/IBatchProofs.sol";
import {IBatchReleaseVerifier} from "../interfaces/IBatchReleaseVerifier.sol";
import {ICustodyLedger} from "../interfaces/ICustodyLedger.sol";
import {IDeviceRegistry} from "../interfaces/IDeviceRegistry.sol";
import {IFlowRegistry} from "../interfaces/IFlowRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {IReleaseRegister} from "../interfaces/IReleaseRegister.sol";
import {ISpecificationRegistry} from "../interfaces/ISpecificationRegistry.sol";
import {Duties} from "../lib/Duties.sol";
import {SigningTime} from "../lib/SigningTime.sol";
import {BatchReleaseSignals} from "../verifiers/generated/BatchReleaseSignals.sol";

/// @title Zero-knowledge proofs that a batch met its specification.
/// @notice A proof accepted here states: the holder of the key under `laboratoryKeyCommitment` signed, at `signedAt`, results
///         and phases for this context; every mandatory test is present, every test present is within its acceptance
///         criterion, and every phase was completed in order before the signature. The rest is stated by this contract:
///         the specification is the one the journey's flow names, the key is enrolled for a testing laboratory,
///         qualified then and not revoked, and chain, contract, journey, specification and certificate are bound by
///         `context`.
contract BatchProofs is IBatchProofs, AccessControlDefaultAdminRules {
    bytes32 public constant ORACLE_ROLE = keccak256("ORACLE_ROLE");

    IParticipantRegistry public immutable participants;
    IDeviceRegistry public immutable devices;
    IFlowRegistry public immutable flows;
    ISpecificationRegistry public immutable specifications;
    ICustodyLedger public immutable ledger;
    IBatchReleaseVerifier public immutable verifier;

    mapping(bytes32 journeyId => mapping(uint8 specification => Proven)) private _proven;

    constructor(
        IParticipantRegistry participants_,
        IDeviceRegistry devices_,
        IFlowRegistry flows_,
        ISpecificationRegistry specifications_,
        ICustodyLedger ledger_,
        IBatchReleaseVerifier verifier_,
        uint48 adminDelay,
        address admin,
        address oracle
    ) AccessControlDefaultAdminRules(adminDelay, admin) {
        if (address(verifier_).code.length == 0) revert BatchProofsVerifierWithoutCode(address(verifier_));
        participants = participants_;
        devices = devices_;
        flows = flows_;
        specifications = specifications_;
        ledger = ledger_;
        verifier = verifier_;
        _grantRole(ORACLE_ROLE, oracle);
    }

    function submit(bytes32 journeyId, uint8 specification, BatchProof calldata proof) external onlyRole(ORACLE_ROLE) {
        bytes32 documentHash = _documentOf(journeyId, specification);
        Proven storage known = _proven[journeyId][specification];
        if (known.stage >= proof.stage && known.stage != Stage.None) {
            revert BatchProofsAlreadyProven(journeyId, specification, proof.stage);
        }
        uint256[5] memory signals;
        signals[BatchReleaseSignals.CONTEXT] = context(journeyId, specification, proof.certificateHash);
        signals[BatchReleaseSignals.LABORATORY_KEY_COMMITMENT] = _laboratoryKey(proof.laboratory, proof.signedAt);
        signals[BatchReleaseSignals.SPECIFICATION_COMMITMENT] = _commitmentOf(documentHash, proof.stage);
        signals[BatchReleaseSignals.RESULTS_COMMITMENT] = _requireInField(proof.resultsCommitment);
        signals[BatchReleaseSignals.SIGNED_AT] = proof.signedAt;
        if (!verifier.verifyProof(proof.proofA, proof.proofB, proof.proofC, signals)) {
            revert BatchProofsNotProven(journeyId, specification);
        }
        _proven[journeyId][specification] =
            Proven(proof.stage, proof.laboratory, proof.signedAt, proof.certificateHash);
        emit BatchProven(
            journeyId,
            specification,
            proof.stage,
            documentHash,
            proof.laboratory,
            proof.resultsCommitment,
            proof.signedAt,
            proof.certificateHash
        );
    }

    function proven(bytes32 journeyId, uint8 specification) external view returns (Proven memory) {
        return _proven[journeyId][specification];
    }

    /// @dev A first stage is done, though not yet by every result: Completed. A final one is Compliant.
    function releaseChecks(bytes32 journeyId, uint32 flow, uint8 gate)
        external
        view
        returns (IReleaseRegister.Check[] memory checks)
    {
        uint256 required = flows.gate(flow, gate).requiredSpecifications;
        uint256 count;
        for (uint256 bits = required; bits != 0; bits &= bits - 1) {
            ++count;
        }
        checks = new IReleaseRegister.Check[](count);
        uint256 next;
        for (uint8 i; next < count; ++i) {
            if ((required >> i) & 1 == 0) continue;
            checks[next++] =
                IReleaseRegister.Check(IReleaseRegister.CheckKind.Specification, i, _status(_proven[journeyId][i].stage));
        }
    }

    /// @dev Three bits are dropped so that the value is below the field size.
    function context(bytes32 journeyId, uint8 specification, bytes32 certificateHash) public view returns (uint256) {
        return uint256(
            keccak256(abi.encode(block.chainid, address(this), journeyId, specification, certificateHash))
        ) >> 3;
    }

    function _documentOf(bytes32 journeyId, uint8 specification) private view returns (bytes32) {
        uint32 flow = ledger.journey(journeyId).flow;
        if (specification >= flows.header(flow).specificationCount) {
            revert BatchProofsUnknownSpecification(journeyId, specification);
        }
        return flows.specification(flow, specification);
    }

    /// @dev A specification without late tests has one stage, the final one, so that a proof has one reading.
    function _commitmentOf(bytes32 documentHash, Stage stage) private view returns (uint256) {
        ISpecificationRegistry.Commitments memory commitments = specifications.commitmentsOf(documentHash);
        if (commitments.finalStage == 0) revert BatchProofsSpecificationNotRegistered(documentHash);
        if (stage == Stage.Final) return commitments.finalStage;
        if (stage == Stage.None || commitments.firstStage == commitments.finalStage) revert BatchProofsInvalidStage(stage);
        return commitments.firstStage;
    }

    /// @dev A key revoked by now is refused whatever time it signed: who holds a stolen key dates as they like.
    function _laboratoryKey(bytes32 laboratory, uint40 signedAt) private view returns (uint256 keyCommitment) {
        if (signedAt > block.timestamp + SigningTime.CLOCK_SKEW_TOLERANCE_SECONDS) {
            revert BatchProofsSignedAhead(signedAt, block.timestamp);
        }
        IDeviceRegistry.Device memory entry = devices.device(laboratory);
        keyCommitment = devices.measuringKey(laboratory, signedAt, signedAt);
        bool revoked = entry.revokedFrom != 0 && entry.revokedFrom <= block.timestamp;
        if (keyCommitment == 0 || revoked) revert BatchProofsLaboratoryNotFit(laboratory, signedAt);
        IParticipantRegistry.Participant memory owner = participants.participant(entry.owner);
        if (owner.suspended || owner.roles & Duties.TESTING_LABORATORY == 0) {
            revert BatchProofsNotALaboratory(laboratory, entry.owner);
        }
    }

    function _requireInField(uint256 signal) private pure returns (uint256) {
        if (signal >= BatchReleaseSignals.FIELD_ORDER) revert BatchProofsSignalOutOfField(signal);
        return signal;
    }

    function _status(Stage stage) private pure returns (IReleaseRegister.Status) {
        if (stage == Stage.Final) return IReleaseRegister.Status.Compliant;
        return stage == Stage.First ? IReleaseRegister.Status.Completed : IReleaseRegister.Status.Pending;
    }
}
