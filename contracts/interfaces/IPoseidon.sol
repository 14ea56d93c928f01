// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Poseidon hash of two field elements over BN254, circomlib's parameters.
/// @dev Deployed from the bytecode that circomlibjs makes (`poseidonContract.createCode(2)`).
interface IPoseidon {
    function poseidon(uint256[2] calldata inputs) external pure returns (uint256);
}
