// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Membership in the prime-order subgroup of BabyJubJub (ERC-2494), in circomlib's coordinates.
/// @notice The curve is a·x² + y² = 1 + d·x²·y² over the scalar field of BN254. It has cofactor 8, so a point on the
///         curve may have a small order; a signature under such a key can be forged.
/// @dev The addition law is complete on this curve (a is a square, d is not), so no case is special.
library BabyJubJub {
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant SUBORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041;
    uint256 internal constant A = 168700;
    uint256 internal constant D = 168696;

    /// @dev Projective coordinates: the affine point is (x / z, y / z).
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
    }

    /// @notice True for canonical coordinates of a point of prime order: on the curve, not the identity, and
    ///         suborder · point = identity.
    function isPrimeOrder(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= FIELD || y >= FIELD || !isOnCurve(x, y)) return false;
        if (x == 0 && y == 1) return false;
        Point memory product = multiply(Point(x, y, 1), SUBORDER);
        return product.x == 0 && product.y == product.z;
    }

    function isOnCurve(uint256 x, uint256 y) internal pure returns (bool) {
        uint256 xx = mulmod(x, x, FIELD);
        uint256 yy = mulmod(y, y, FIELD);
        uint256 left = addmod(mulmod(A, xx, FIELD), yy, FIELD);
        return left == addmod(1, mulmod(D, mulmod(xx, yy, FIELD), FIELD), FIELD);
    }

    /// @notice Double and add, from the highest bit down. Not constant time: keys are public.
    function multiply(Point memory point, uint256 scalar) internal pure returns (Point memory result) {
        result = Point(0, 1, 1);
        for (uint256 bit = 256; bit > 0; --bit) {
            if (result.x != 0 || result.y != result.z) result = double(result);
            if ((scalar >> (bit - 1)) & 1 == 1) result = add(result, point);
        }
    }

    /// @notice Projective addition for twisted Edwards curves, add-2008-bbjlp of the Explicit-Formulas Database.
    function add(Point memory p, Point memory q) internal pure returns (Point memory) {
        uint256 a = mulmod(p.z, q.z, FIELD);
        uint256 b = mulmod(a, a, FIELD);
        uint256 c = mulmod(p.x, q.x, FIELD);
        uint256 d = mulmod(p.y, q.y, FIELD);
        uint256 e = mulmod(D, mulmod(c, d, FIELD), FIELD);
        uint256 cross = mulmod(addmod(p.x, p.y, FIELD), addmod(q.x, q.y, FIELD), FIELD);
        cross = addmod(cross, FIELD - addmod(c, d, FIELD), FIELD);
        uint256 f = addmod(b, FIELD - e, FIELD);
        uint256 g = addmod(b, e, FIELD);
        uint256 h = addmod(d, FIELD - mulmod(A, c, FIELD), FIELD);
        return Point(mulmod(a, mulmod(f, cross, FIELD), FIELD), mulmod(a, mulmod(g, h, FIELD), FIELD), mulmod(f, g, FIELD));
    }

    /// @notice Projective doubling, dbl-2008-bbjlp of the Explicit-Formulas Database.
    function double(Point memory p) internal pure returns (Point memory) {
        uint256 b = addmod(p.x, p.y, FIELD);
        b = mulmod(b, b, FIELD);
        uint256 c = mulmod(p.x, p.x, FIELD);
        uint256 d = mulmod(p.y, p.y, FIELD);
        uint256 e = mulmod(A, c, FIELD);
        uint256 f = addmod(e, d, FIELD);
        uint256 h = mulmod(p.z, p.z, FIELD);
        uint256 j = addmod(f, FIELD - addmod(h, h, FIELD), FIELD);
        uint256 x = mulmod(addmod(b, FIELD - addmod(c, d, FIELD), FIELD), j, FIELD);
        return Point(x, mulmod(f, addmod(e, FIELD - d, FIELD), FIELD), mulmod(f, j, FIELD));
    }
}
