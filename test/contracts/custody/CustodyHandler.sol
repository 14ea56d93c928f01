// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICustodyLedger} from "../../../contracts/interfaces/ICustodyLedger.sol";
import {IExceptionRegister} from "../../../contracts/interfaces/IExceptionRegister.sol";
import {LedgerFixture} from "../support/LedgerFixture.sol";
import {vm} from "../support/Vm.sol";

/// @dev Does anything a consortium may do, in any order, and keeps its own account of what must hold.
contract CustodyHandler is LedgerFixture {
    uint256 public constant JOURNEYS = 2;

    /// @dev What the ledger must say, computed apart from it.
    mapping(bytes32 journeyId => bytes32) public expectedHead;
    mapping(bytes32 journeyId => uint32) public eventsRecorded;
    mapping(bytes32 journeyId => uint64) public stepsSeen;
    mapping(bytes32 journeyId => mapping(uint8 step => uint40)) public firstTime;
    mapping(bytes32 journeyId => uint8) public gatesReleased;
    mapping(bytes32 journeyId => bytes32[]) private _exceptionFacts;
    uint256 public keysRaised;
    bool public releasedAgainstAnException;
    bool public releasedWithoutItsSteps;
    bool public countFell;
    bool public approvedByOnePerson;
    mapping(bytes32 journeyId => mapping(uint32 number => uint256 actorAndOne)) public proposedBy;
    mapping(bytes32 journeyId => mapping(uint32 number => bool)) public isApproved;

    constructor() {
        for (uint256 i; i < JOURNEYS; ++i) {
            bytes32 journeyId = journeyAt(i);
            ledger.openJourney(journeyId, 1, keccak256("identity"));
            expectedHead[journeyId] = keccak256(abi.encode(journeyId, uint32(1), keccak256("identity")));
        }
    }

    function journeyAt(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("journey", index % JOURNEYS));
    }

    function record(uint256 journeySeed, uint256 actor, uint8 step, uint16 age) external {
        bytes32 journeyId = journeyAt(journeySeed);
        // Mostly as planned, so that journeys get somewhere before something breaks.
        step = actor % 4 == 0 ? step % (STEPS + 1) : _nextStep(journeyId);
        if (actor % 4 != 0) actor = step < 2 ? 0 : 1;
        uint40 occurredAt = uint40(block.timestamp) + 400 - (age % 4 == 0 ? age % 8000 : 400);
        ICustodyLedger.CustodyEvent[] memory events = new ICustodyLedger.CustodyEvent[](1);
        events[0] = _signedEvent(actor % ACTORS, journeyId, eventsRecorded[journeyId], step, occurredAt);
        ledger.record(events);
        expectedHead[journeyId] = keccak256(
            abi.encode(
                expectedHead[journeyId], events[0].commitment, step, occurredAt, block.timestamp, vm.addr(_key(actor % ACTORS))
            )
        );
        ++eventsRecorded[journeyId];
        if (step < STEPS && (stepsSeen[journeyId] >> step) & 1 == 0) {
            stepsSeen[journeyId] |= uint64(1) << step;
            firstTime[journeyId][step] = occurredAt;
        }
        _keepExceptions(journeyId);
    }

    function raise(uint256 journeySeed, uint8 key, uint8 kind) external {
        bytes32 journeyId = journeyAt(journeySeed);
        // Mostly one that holds nothing, so that gates get released too; now and then a code nobody knows.
        bytes32 code = kind % 16 == 0 ? bytes32("custody-gap") : kind % 16 == 1 ? bytes32("sensor-gap") : bytes32("operator-comment");
        if (kind % 16 == 2) code = "no-such-code";
        exceptions.raise(keccak256(abi.encode(key % 16)), journeyId, code, 0, START, keccak256("detail"));
        _keepExceptions(journeyId);
    }

    /// @dev Mostly along the way out, by someone who may; else anything, by anybody.
    function advance(uint256 journeySeed, uint32 number, uint8 to, uint256 actor) external {
        bytes32 journeyId = journeyAt(journeySeed);
        number = number % 4 == 0 ? number % (exceptions.count(journeyId) + 1) : _firstOpen(journeyId);
        IExceptionRegister.Stage from = exceptions.exceptionAt(journeyId, number).stage;
        IExceptionRegister.Stage next = to % 4 == 0 ? IExceptionRegister.Stage(to % 12) : _wayOut(from);
        actor = _mostlyQuality(actor) % ACTORS;
        bytes32 reasonHash = keccak256(abi.encode("reason", to % 3));
        uint40 signedAt = uint40(block.timestamp);
        bytes32 digest = exceptions.exceptionTransitionDigest(journeyId, number, from, next, reasonHash, signedAt);
        bytes memory signature = _signature(actor, digest);
        exceptions.advance(journeyId, number, next, reasonHash, signedAt, signature);
        if (next == IExceptionRegister.Stage.ResolutionProposed || next == IExceptionRegister.Stage.AcceptanceProposed) {
            proposedBy[journeyId][number] = actor + 1;
        }
        if (next == IExceptionRegister.Stage.Resolved || next == IExceptionRegister.Stage.Accepted) {
            isApproved[journeyId][number] = true;
            bool byAnother = proposedBy[journeyId][number] != 0 && proposedBy[journeyId][number] != actor + 1;
            if (!byAnother || (actor != 2 && actor != 3)) approvedByOnePerson = true;
        }
        _keepExceptions(journeyId);
    }

    function release(uint256 journeySeed, uint8 gate, uint256 actor) external {
        bytes32 journeyId = journeyAt(journeySeed);
        gate = gate % (GATES + 1);
        actor = _mostlyQuality(actor);
        bool open = _openHolding(journeyId) != 0;
        bool stepsDone = stepsSeen[journeyId] & (gate == 0 ? 1 : 2) != 0 && (gate == 0 || gatesReleased[journeyId] & 1 == 1);
        bytes32 head = ledger.head(journeyId);
        bytes32 digest = releases.releaseDecisionDigest(journeyId, gate, head, uint40(block.timestamp));
        releases.release(journeyId, gate, head, uint40(block.timestamp), _signature(actor % ACTORS, digest));
        gatesReleased[journeyId] |= uint8(1 << gate);
        if (open) releasedAgainstAnException = true;
        if (!stepsDone) releasedWithoutItsSteps = true;
    }

    function pass(uint16 time) external {
        vm.warp(block.timestamp + time);
    }

    function exceptionFacts(bytes32 journeyId) external view returns (bytes32[] memory) {
        return _exceptionFacts[journeyId];
    }

    /// @dev All of an exception but how far it has been worked on.
    function factsOf(bytes32 journeyId, uint32 number) public view returns (bytes32) {
        IExceptionRegister.ExceptionRecord memory found = exceptions.exceptionAt(journeyId, number);
        (found.stage, found.outcome) = (IExceptionRegister.Stage.Detected, IExceptionRegister.Stage.Detected);
        found.proposer = address(0);
        return keccak256(abi.encode(found));
    }

    function _mostlyQuality(uint256 seed) private pure returns (uint256) {
        return seed % 4 == 0 ? seed : 2 + (seed / 4) % 3;
    }

    /// @dev The first step not seen yet that needs no gate; once all are, the one that may be repeated.
    function _nextStep(bytes32 journeyId) private view returns (uint8 step) {
        while (step < 3 && (stepsSeen[journeyId] >> step) & 1 == 1) {
            ++step;
        }
    }

    function _firstOpen(bytes32 journeyId) private view returns (uint32 number) {
        uint32 count = exceptions.count(journeyId);
        while (number < count && isApproved[journeyId][number]) {
            ++number;
        }
    }

    function _wayOut(IExceptionRegister.Stage from) private pure returns (IExceptionRegister.Stage) {
        if (from == IExceptionRegister.Stage.UnderAssessment) return IExceptionRegister.Stage.ResolutionProposed;
        if (from == IExceptionRegister.Stage.ResolutionProposed) return IExceptionRegister.Stage.Resolved;
        if (from == IExceptionRegister.Stage.AcceptanceProposed) return IExceptionRegister.Stage.Accepted;
        if (from == IExceptionRegister.Stage.Escalated) return IExceptionRegister.Stage.AcceptanceProposed;
        if (from == IExceptionRegister.Stage.Resolved) return IExceptionRegister.Stage.Closed;
        return from == IExceptionRegister.Stage.Closed ? from : IExceptionRegister.Stage(uint8(from) + 1);
    }

    function _keepExceptions(bytes32 journeyId) private {
        bytes32[] storage kept = _exceptionFacts[journeyId];
        uint32 count = exceptions.count(journeyId);
        if (count < kept.length) countFell = true;
        for (uint32 i = uint32(kept.length); i < count; ++i) {
            kept.push(factsOf(journeyId, i));
        }
    }

    function _openHolding(bytes32 journeyId) private view returns (uint256 open) {
        uint32 count = exceptions.count(journeyId);
        for (uint32 i; i < count; ++i) {
            IExceptionRegister.ExceptionRecord memory found = exceptions.exceptionAt(journeyId, i);
            if (!isApproved[journeyId][i] && found.class >= IExceptionRegister.Class.Major) ++open;
        }
    }
}
