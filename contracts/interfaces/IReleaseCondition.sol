// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IReleaseRegister} from "./IReleaseRegister.sol";

/// @title What one part of the house asks before a gate may be released.
/// @notice Each part answers for itself, and only what the flow asks of it: a flow that asks nothing gets no check.
interface IReleaseCondition {
    function releaseChecks(bytes32 journeyId, uint32 flow, uint8 gate)
        external
        view
        returns (IReleaseRegister.Check[] memory);
}
