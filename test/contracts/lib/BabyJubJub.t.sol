// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BabyJubJub} from "../../../contracts/lib/BabyJubJub.sol";
import {Assert, vm} from "../support/Vm.sol";

/// @dev Properties 1 to 4 of test/PROPERTIES.md.
contract BabyJubJubTest {
    uint256 private constant BASE_X = 5299619240641551281634865583518297030282874472190772894086521144482721001553;
    uint256 private constant BASE_Y = 16950150798460657717958625567821834550301663161624707787222815936182638968203;
    /// @dev A point of order 8: the suborder times the generator of the whole curve (ERC-2494).
    uint256 private constant WHOLE_X = 995203441582195749578291179787384436505546430278305826713579947235728471134;
    uint256 private constant WHOLE_Y = 5472060717959818805561601436314318772137091100104008585924551046643952123905;

    function testFuzz_MultiplesOfTheBasePointAreOfPrimeOrder(uint256 scalar) public pure {
        vm.assume(scalar % BabyJubJub.SUBORDER != 0);
        (uint256 x, uint256 y) = _affine(BabyJubJub.multiply(BabyJubJub.Point(BASE_X, BASE_Y, 1), scalar));
        Assert.isTrue(BabyJubJub.isOnCurve(x, y), "on the curve");
        Assert.isTrue(BabyJubJub.isPrimeOrder(x, y), "of prime order");
    }

    function testFuzz_APointOfLowOrderSpoilsAnyKey(uint256 scalar, uint256 torsion) public pure {
        torsion = 1 + torsion % 7;
        BabyJubJub.Point memory low =
            BabyJubJub.multiply(BabyJubJub.Point(WHOLE_X, WHOLE_Y, 1), torsion * BabyJubJub.SUBORDER);
        BabyJubJub.Point memory key = BabyJubJub.multiply(BabyJubJub.Point(BASE_X, BASE_Y, 1), scalar);
        (uint256 x, uint256 y) = _affine(BabyJubJub.add(key, low));
        Assert.isTrue(BabyJubJub.isOnCurve(x, y), "on the curve");
        Assert.isTrue(!BabyJubJub.isPrimeOrder(x, y), "not of prime order");
    }

    function testFuzz_NoKeyIsOfPrimeOrderUnlessOnTheCurveAndReduced(uint256 x, uint256 y) public pure {
        bool reduced = x < BabyJubJub.FIELD && y < BabyJubJub.FIELD;
        if (reduced && BabyJubJub.isOnCurve(x, y)) return;
        Assert.isTrue(!BabyJubJub.isPrimeOrder(x, y), "refused");
    }

    function testFuzz_ScalarsAddUp(uint128 first, uint128 second) public pure {
        BabyJubJub.Point memory base = BabyJubJub.Point(BASE_X, BASE_Y, 1);
        (uint256 x, uint256 y) = _affine(BabyJubJub.multiply(base, uint256(first) + second));
        (uint256 sumX, uint256 sumY) =
            _affine(BabyJubJub.add(BabyJubJub.multiply(base, first), BabyJubJub.multiply(base, second)));
        Assert.equal(x, sumX);
        Assert.equal(y, sumY);
    }

    function _affine(BabyJubJub.Point memory point) private pure returns (uint256 x, uint256 y) {
        uint256 inverse = _power(point.z, BabyJubJub.FIELD - 2);
        return (mulmod(point.x, inverse, BabyJubJub.FIELD), mulmod(point.y, inverse, BabyJubJub.FIELD));
    }

    function _power(uint256 base, uint256 exponent) private pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, BabyJubJub.FIELD);
            base = mulmod(base, base, BabyJubJub.FIELD);
        }
    }
}
