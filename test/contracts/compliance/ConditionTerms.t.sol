// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ConditionTerms} from "../../../contracts/compliance/ConditionTerms.sol";
import {IFlowRegistry} from "../../../contracts/interfaces/IFlowRegistry.sol";
import {Assert, vm} from "../support/Vm.sol";

/// @dev Properties 5 and 6 of test/PROPERTIES.md.
contract ConditionTermsTest {
    function testFuzz_TheLongestGapFitsAByteAndNoSmallerUnitWouldDo(uint16 longestGapSeconds) public pure {
        vm.assume(longestGapSeconds != 0);
        uint256 unit = ConditionTerms.timeUnitSeconds(longestGapSeconds);
        Assert.isTrue(unit * 255 >= longestGapSeconds, "fits");
        Assert.isTrue(unit == 1 || (unit - 1) * 255 < longestGapSeconds, "is the smallest");
    }

    function testFuzz_TermsSayTheProfileAndTheIntervalAndNothingElse(
        IFlowRegistry.ConditionProfile memory profile,
        uint32 fromTick,
        uint32 toTick
    ) public pure {
        vm.assume(profile.longestGapSeconds != 0);
        uint256 unit = ConditionTerms.timeUnitSeconds(profile.longestGapSeconds);
        vm.assume(profile.temperatureBudgetSeconds / unit <= ConditionTerms.MAXIMUM_BUDGET_TICKS);
        vm.assume(profile.tiltBudgetSeconds / unit <= ConditionTerms.MAXIMUM_BUDGET_TICKS);
        vm.assume(uint256(fromTick) * unit < 2 ** 40 && uint256(toTick) * unit < 2 ** 40);
        uint256 terms = ConditionTerms.pack(profile, uint40(fromTick * unit), uint40(toTick * unit));
        Assert.equal(uint16(terms), profile.minimumCentikelvin);
        Assert.equal(uint16(terms >> 16), profile.maximumCentikelvin);
        Assert.equal(uint8(terms >> 32), profile.tiltLimitDegrees);
        Assert.equal((terms >> 40) & (2 ** 22 - 1), profile.temperatureBudgetSeconds / unit);
        Assert.equal((terms >> 62) & (2 ** 22 - 1), profile.tiltBudgetSeconds / unit);
        uint256 longestGapTicks = uint8(terms >> 84);
        Assert.isTrue(longestGapTicks * unit >= profile.longestGapSeconds, "a lawful gap fits");
        Assert.isTrue((longestGapTicks - 1) * unit < profile.longestGapSeconds, "and less than a tick more");
        Assert.equal(uint32(terms >> 92), fromTick);
        Assert.equal(uint32(terms >> 124), toTick);
        Assert.equal(terms >> 156, 0);
    }
}
