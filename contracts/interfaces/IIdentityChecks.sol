// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReleaseCondition} from "./IReleaseCondition.sol";

/// @title Whose cells are these? Each check proves it without showing the identity.
/// @notice At a container change, at receipt and at the bedside a person scans bag and wristband. From what was scanned,
///         and nothing else, comes a fresh commitment; the circuit `identity-link` proves that it hides the same Chain
///         of Identity and the same patient as the journey's identity commitment. A wrong bag or a wrong patient has no
///         proof. Where the flow asks two persons, each scans and proves for themselves.
interface IIdentityChecks is IReleaseCondition {
    /// @param linkedCommitment Commitment made at this check; its opening stays with those who scanned.
    /// @param persons How many different persons have checked the identity at this step so far.
    event IdentityChecked(
        bytes32 indexed journeyId,
        uint8 indexed step,
        uint32 participant,
        address signer,
        uint256 linkedCommitment,
        uint40 signedAt,
        uint8 persons,
        bytes signature
    );

    /// @notice Thrown at deployment when the verifier's address has no code: a call to it would revert for ever.
    error IdentityChecksVerifierWithoutCode(address verifier);
    /// @notice Thrown when the journey's flow has no such step.
    error IdentityChecksUnknownStep(bytes32 journeyId, uint8 step);
    /// @notice Thrown when a commitment is not below the field's order.
    error IdentityChecksOutOfField(uint256 commitment);
    /// @notice Thrown when a commitment was shown before: each check makes its own.
    error IdentityChecksCommitmentUsed(bytes32 journeyId, uint256 linkedCommitment);
    /// @notice Thrown when the signer is no active account of a participant with a duty of the step.
    error IdentityChecksNotAuthorised(address recovered, uint16 roles, uint16 rolesRequired);
    /// @notice Thrown when the verifier does not accept. Never stored: short of gas a verifier answers false too.
    error IdentityChecksNotProven(bytes32 journeyId, uint8 step, uint256 linkedCommitment);

    /// @notice Records a check with the EIP-712 signature of the person who scanned, over
    ///         IdentityCheck(journeyId, step, linkedCommitment, signedAt). The same person again counts once.
    /// @dev Only the oracle relays.
    function record(
        bytes32 journeyId,
        uint8 step,
        uint256 linkedCommitment,
        uint40 signedAt,
        bytes calldata signature,
        uint256[2] calldata proofA,
        uint256[2][2] calldata proofB,
        uint256[2] calldata proofC
    ) external;

    /// @notice The public signal that ties a proof to this chain, this contract, a journey and a step:
    ///         keccak256(abi.encode(chainId, address, journeyId, step)) >> 3.
    function context(bytes32 journeyId, uint8 step) external view returns (uint256);
    /// @notice How many different persons have checked the identity at a step.
    function persons(bytes32 journeyId, uint8 step) external view returns (uint8);
}
