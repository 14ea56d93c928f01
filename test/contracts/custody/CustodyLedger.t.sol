// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CustodyRules} from "../../../contracts/custody/CustodyRules.sol";
import {ICustodyLedger} from "../../../contracts/interfaces/ICustodyLedger.sol";
import {LedgerFixture} from "../support/LedgerFixture.sol";
import {Assert, vm} from "../support/Vm.sol";

/// @dev Properties 7 to 9 of test/PROPERTIES.md.
contract CustodyLedgerTest is LedgerFixture {
    bytes32 private constant JOURNEY = keccak256("journey");

    function setUp() public {
        ledger.openJourney(JOURNEY, 1, keccak256("identity"));
    }

    function testFuzz_AnySignedFactIsRecorded(uint256 actor, uint8 step, uint40 occurredAt) public {
        ICustodyLedger.CustodyEvent[] memory events = new ICustodyLedger.CustodyEvent[](1);
        events[0] = _signedEvent(actor % ACTORS, JOURNEY, 0, step, occurredAt);
        ledger.record(events);
        Assert.equal(ledger.journey(JOURNEY).eventCount, 1);
    }

    function testFuzz_AChangedBitOfAFactOrItsSignatureIsRefused(uint256 bit) public {
        ICustodyLedger.CustodyEvent[] memory events = new ICustodyLedger.CustodyEvent[](1);
        events[0] = _signedEvent(0, JOURNEY, 0, 0, START);
        bit = bit % (256 + 8 + 40 + 256 + 256);
        if (bit < 256) events[0].commitment ^= bytes32(1 << bit);
        else if (bit < 264) events[0].step ^= uint8(1 << (bit - 256));
        else if (bit < 304) events[0].occurredAt ^= uint40(1 << (bit - 264));
        else if (bit < 560) events[0].signatureR ^= bytes32(1 << (bit - 304));
        else events[0].signatureVS ^= bytes32(1 << (bit - 560));
        try ledger.record(events) {
            Assert.isTrue(false, "a changed fact was recorded");
        } catch {
            Assert.equal(ledger.journey(JOURNEY).eventCount, 0);
        }
    }

    function testFuzz_LimitsAndTolerancesAreExact(uint40 anchoredAt, uint32 limitSeconds, uint40 occurredAt) public pure {
        uint256 found = CustodyRules.limit(anchoredAt, limitSeconds, occurredAt);
        int256 elapsed = int256(uint256(occurredAt)) - int256(uint256(anchoredAt));
        bool early = anchoredAt != 0 && elapsed < 0;
        bool late = anchoredAt != 0 && elapsed > int256(uint256(limitSeconds));
        Assert.equal(found, early ? CustodyRules.STEP_OUT_OF_ORDER : late ? CustodyRules.TIME_LIMIT_EXCEEDED : 0);

        found = CustodyRules.timeliness(occurredAt, anchoredAt, limitSeconds);
        bool entered = elapsed < -int256(uint256(limitSeconds));
        bool skewed = elapsed > int256(CustodyRules.CLOCK_SKEW_TOLERANCE_SECONDS);
        Assert.equal(found, entered ? CustodyRules.LATE_ENTRY : skewed ? CustodyRules.CLOCK_SKEW : 0);
    }
}
