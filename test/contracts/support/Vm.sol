// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @dev The cheatcodes of the Solidity test runner that these tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata data) external;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @dev Failing assertions revert with the values.
library Assert {
    error NotEqual(uint256 left, uint256 right);
    error NotTrue(string what);

    function equal(uint256 left, uint256 right) internal pure {
        if (left != right) revert NotEqual(left, right);
    }

    function equal(bytes32 left, bytes32 right) internal pure {
        if (left != right) revert NotEqual(uint256(left), uint256(right));
    }

    function isTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }
}
