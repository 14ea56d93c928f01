// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ICustodyLedger} from "../../../contracts/interfaces/ICustodyLedger.sol";
import {IExceptionRegister} from "../../../contracts/interfaces/IExceptionRegister.sol";
import {Assert} from "../support/Vm.sol";
import {CustodyHandler} from "./CustodyHandler.sol";

/// @dev Properties 10 to 16 and 24 of test/PROPERTIES.md.
contract CustodyInvariantsTest {
    CustodyHandler private _handler;

    function setUp() public {
        _handler = new CustodyHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_TheHeadIsTheHashOfAllThatWasRecorded() public view {
        for (uint256 i; i < _handler.JOURNEYS(); ++i) {
            bytes32 journeyId = _handler.journeyAt(i);
            Assert.equal(_handler.ledger().head(journeyId), _handler.expectedHead(journeyId));
            Assert.equal(_journey(i).eventCount, _handler.eventsRecorded(journeyId));
        }
    }

    function invariant_RecordedStepsAndTheirFirstTimesStay() public view {
        for (uint256 i; i < _handler.JOURNEYS(); ++i) {
            bytes32 journeyId = _handler.journeyAt(i);
            Assert.equal(_journey(i).recordedSteps, _handler.stepsSeen(journeyId));
            Assert.equal(_handler.ledger().stepOccurredAt(journeyId, 0), _handler.firstTime(journeyId, 0));
            Assert.equal(_handler.ledger().stepOccurredAt(journeyId, 2), _handler.firstTime(journeyId, 2));
            Assert.equal(_handler.ledger().stepOccurredAt(journeyId, 1), 0);
        }
    }

    function invariant_TheCustodianIsAParticipantOrNobodyYet() public view {
        for (uint256 i; i < _handler.JOURNEYS(); ++i) {
            Assert.isTrue(_journey(i).custodian <= _handler.participants().participantCount(), "custodian");
        }
    }

    function invariant_ExceptionsNeverVanishAndTheirFactsNeverChange() public view {
        Assert.isTrue(!_handler.countFell(), "count fell");
        for (uint256 i; i < _handler.JOURNEYS(); ++i) {
            bytes32 journeyId = _handler.journeyAt(i);
            bytes32[] memory facts = _handler.exceptionFacts(journeyId);
            Assert.equal(_handler.exceptions().count(journeyId), facts.length);
            for (uint32 number; number < facts.length; ++number) {
                Assert.equal(_handler.factsOf(journeyId, number), facts[number]);
            }
        }
    }

    function invariant_OpenHoldingCountsTheOpenMajorAndCriticalOnes() public view {
        for (uint256 i; i < _handler.JOURNEYS(); ++i) {
            bytes32 journeyId = _handler.journeyAt(i);
            uint256 open;
            for (uint32 number; number < _handler.exceptions().count(journeyId); ++number) {
                IExceptionRegister.ExceptionRecord memory found = _handler.exceptions().exceptionAt(journeyId, number);
                if (!_handler.isApproved(journeyId, number) && found.class >= IExceptionRegister.Class.Major) ++open;
            }
            Assert.equal(_handler.exceptions().openHolding(journeyId), open);
        }
    }

    function invariant_AHoldingExceptionIsLetGoByTwoAccountsOnlyTheSecondAQualifiedPersons() public view {
        Assert.isTrue(!_handler.approvedByOnePerson(), "approved by one person");
    }

    function invariant_NoGateWasReleasedAgainstAnExceptionOrWithoutItsSteps() public view {
        Assert.isTrue(!_handler.releasedAgainstAnException(), "released against an exception");
        Assert.isTrue(!_handler.releasedWithoutItsSteps(), "released without its steps");
    }

    function invariant_AReleasedGateStaysReleasedAndNoOtherIs() public view {
        for (uint256 i; i < _handler.JOURNEYS(); ++i) {
            Assert.equal(_journey(i).releasedGates, _handler.gatesReleased(_handler.journeyAt(i)));
        }
    }

    function _journey(uint256 index) private view returns (ICustodyLedger.Journey memory) {
        return _handler.ledger().journey(_handler.journeyAt(index));
    }
}
