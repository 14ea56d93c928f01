// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReleaseRegister} from "../../../contracts/compliance/ReleaseRegister.sol";
import {IConditionProofs} from "../../../contracts/interfaces/IConditionProofs.sol";
import {ICustodyLedger} from "../../../contracts/interfaces/ICustodyLedger.sol";
import {IDispositionRegister} from "../../../contracts/interfaces/IDispositionRegister.sol";
import {IReleaseCondition} from "../../../contracts/interfaces/IReleaseCondition.sol";
import {IReleaseRegister} from "../../../contracts/interfaces/IReleaseRegister.sol";
import {LedgerFixture} from "../support/LedgerFixture.sol";
import {ProbeCondition} from "../support/ProbeCondition.sol";
import {Assert, vm} from "../support/Vm.sol";

/// @dev Two conditions, each with one check for gate 0 and none for gate 1, whose own checks are all met.
contract ReleaseConditionsTest is LedgerFixture {
    bytes32 private constant JOURNEY = keccak256("journey");
    uint8 private constant COMPLIANT = 1;
    uint8 private constant COMPLETED = 3;

    ProbeCondition private first;
    ProbeCondition private second;
    ReleaseRegister private register;

    function setUp() public {
        first = new ProbeCondition();
        second = new ProbeCondition();
        IReleaseCondition[] memory conditions = new IReleaseCondition[](2);
        conditions[0] = first;
        conditions[1] = second;
        register = _register(conditions);
        ledger.openJourney(JOURNEY, 1, keccak256("identity"));
        ledger.record(_events());
    }

    function testFuzz_OnlyCompliantAndCompletedPass(uint8 firstStatus, uint8 secondStatus) public {
        firstStatus %= 5;
        secondStatus %= 5;
        first.set(IReleaseRegister.Status(firstStatus));
        second.set(IReleaseRegister.Status(secondStatus));
        IReleaseRegister.Check[] memory list = register.checks(JOURNEY, 0);
        Assert.equal(list.length, 4);
        Assert.equal(uint8(list[2].status), firstStatus);
        Assert.equal(uint8(list[3].status), secondStatus);
        Assert.isTrue(register.isReleasable(JOURNEY, 0) == (_passes(firstStatus) && _passes(secondStatus)), "passes");
    }

    function test_AGateIsAskedOnlyWhatItsConditionsAskOfIt() public view {
        Assert.equal(register.checks(JOURNEY, 1).length, 3);
    }

    function test_AConditionWithoutCodeIsRefused() public {
        IReleaseCondition[] memory conditions = new IReleaseCondition[](1);
        conditions[0] = IReleaseCondition(address(7));
        vm.expectRevert(
            abi.encodeWithSelector(IReleaseRegister.ReleaseRegisterConditionWithoutCode.selector, address(7))
        );
        _register(conditions);
    }

    function _register(IReleaseCondition[] memory conditions) private returns (ReleaseRegister) {
        return new ReleaseRegister(
            participants,
            flows,
            ledger,
            IConditionProofs(address(0)),
            exceptions,
            IDispositionRegister(address(0)),
            conditions,
            0,
            address(this),
            address(this)
        );
    }

    function _events() private view returns (ICustodyLedger.CustodyEvent[] memory events) {
        events = new ICustodyLedger.CustodyEvent[](1);
        events[0] = _signedEvent(0, JOURNEY, 0, 0, START);
    }

    function _passes(uint8 status) private pure returns (bool) {
        return status == COMPLIANT || status == COMPLETED;
    }
}
