// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Places of the public signals of the circuit `identity-link`.
/// @notice Generated from circuits/circuits.json by scripts/circuits/generate.ts; do not edit.
library IdentityLinkSignals {
    uint256 internal constant COUNT = 3;
    /// @notice Order of the scalar field: every public signal must be below it.
    uint256 internal constant FIELD_ORDER =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @notice Chain, contract, journey and step: the top 253 bits of their Keccak-256.
    uint256 internal constant CONTEXT = 0;
    /// @notice Commitment the journey was opened with: Poseidon of identifier, patient pseudonym and blinding.
    uint256 internal constant IDENTITY_COMMITMENT = 1;
    /// @notice Commitment to the same identifier and pseudonym under another blinding.
    uint256 internal constant LINKED_COMMITMENT = 2;
}
