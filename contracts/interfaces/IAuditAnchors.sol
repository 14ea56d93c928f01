// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title How far the audit trails of nodes had come, so that one cut off or rewritten is seen.
/// @notice Trails lie outside the ledger. An anchor is a keyed hash over the length and the last hash of one: it tells
///         nothing of what is in it, and only the node that keeps the trail can make it.
interface IAuditAnchors {
    struct Anchor {
        /// Entries of the trail then; zero for a trail that was never anchored.
        uint64 count;
        uint40 anchoredAt;
        bytes32 head;
    }

    /// @param trail Keyed hash of the trail's name: nobody else's trail has it.
    event AuditAnchored(bytes32 indexed trail, uint64 count, bytes32 head);

    /// @notice Thrown when trail or head is zero.
    error AuditAnchorsZeroValue();
    /// @notice Thrown when a trail did not grow since it was anchored: an anchor is never replaced by another of its length.
    error AuditAnchorsNotLonger(bytes32 trail, uint64 anchored, uint64 count);

    function anchor(bytes32 trail, uint64 count, bytes32 head) external;

    /// @notice The last anchor of a trail; zero fields when there is none.
    function anchorOf(bytes32 trail) external view returns (Anchor memory);
}
