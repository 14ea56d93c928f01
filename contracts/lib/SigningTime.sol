// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title When a decision may have been signed: a signature is not kept for later, nor dated ahead.
/// @dev The TypeScript twin is `services/model/custody/signing-time.ts` (parity tested).
library SigningTime {
    uint256 internal constant LONGEST_AGE_SECONDS = 24 hours;
    uint256 internal constant CLOCK_SKEW_TOLERANCE_SECONDS = 300;

    /// @notice Thrown when a decision was signed too long ago, or in the future.
    error SigningTimeOutOfRange(uint40 signedAt, uint256 blockTime);

    function requireFresh(uint40 signedAt) internal view {
        bool fresh = uint256(signedAt) + LONGEST_AGE_SECONDS >= block.timestamp
            && signedAt <= block.timestamp + CLOCK_SKEW_TOLERANCE_SECONDS;
        if (!fresh) revert SigningTimeOutOfRange(signedAt, block.timestamp);
    }
}
