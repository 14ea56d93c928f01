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

    function raise(uint256 journeySeed, uint8 key, uint8 exceptionClass) external {
        bytes32 journeyId = journeyAt(journeySeed);
        IExceptionRegister.Class class = IExceptionRegister.Class(exceptionClass % 16 < 4 ? exceptionClass % 4 : 0);
        exceptions.raise(keccak256(abi.encode(key % 16)), journeyId, "sensor-gap", class, 0, START, keccak256("detail"));
        _keepExceptions(journeyId);
    }

    function resolve(uint256 journeySeed, uint32 number, uint256 actor) external {
        bytes32 journeyId = journeyAt(journeySeed);
        number = number % 4 == 0 ? number % (exceptions.count(journeyId) + 1) : _firstOpen(journeyId);
        actor = _mostlyQuality(actor);
        bytes32 digest = exceptions.exceptionResolutionDigest(journeyId, number, keccak256("reason"));
        exceptions.resolve(journeyId, number, keccak256("reason"), _signature(actor % ACTORS, digest));
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

    /// @dev All of an exception but whether it is resolved.
    function factsOf(bytes32 journeyId, uint32 number) public view returns (bytes32) {
        IExceptionRegister.ExceptionRecord memory found = exceptions.exceptionAt(journeyId, number);
        found.resolved = false;
        return keccak256(abi.encode(found));
    }

    function _mostlyQuality(uint256 seed) private pure returns (uint256) {
        return seed % 4 == 0 ? seed : 2;
    }

    /// @dev The first step not seen yet that needs no gate; once all are, the one that may be repeated.
    function _nextStep(bytes32 journeyId) private view returns (uint8 step) {
        while (step < 3 && (stepsSeen[journeyId] >> step) & 1 == 1) {
            ++step;
        }
    }

    function _firstOpen(bytes32 journeyId) private view returns (uint32 number) {
        uint32 count = exceptions.count(journeyId);
        while (number < count && exceptions.exceptionAt(journeyId, number).resolved) {
            ++number;
        }
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
            if (!found.resolved && found.class >= IExceptionRegister.Class.Major) ++open;
        }
    }
}
