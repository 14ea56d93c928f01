pragma circom 2.1.6;

include "circomlib/circuits/babyjub.circom";
include "circomlib/circuits/eddsaposeidon.circom";
include "circomlib/circuits/poseidon.circom";

/// @title Asserts a device's EdDSA signature over Poseidon on BabyJubJub and commits to its public key.
/// @notice circomlib's verifier bounds S below the subgroup's order and refuses a key whose multiple by 4 has x = 0, but
///         takes the points as they are; both are checked to be on the curve here.
/// @input publicKey  (x, y) of the device's key
/// @input signatureR (x, y) of the signature's point R8
/// @input signatureS scalar, below the subgroup's order
/// @input message    field element that was signed
/// @output keyCommitment Poseidon(x, y) of the key
/// NOTE: that the key lies in the prime-order subgroup is checked when the device is enrolled.
template DeviceSignature() {
    signal input publicKey[2];
    signal input signatureR[2];
    signal input signatureS;
    signal input message;
    signal output keyCommitment;

    component keyOnCurve = BabyCheck();
    keyOnCurve.x <== publicKey[0];
    keyOnCurve.y <== publicKey[1];
    component signatureOnCurve = BabyCheck();
    signatureOnCurve.x <== signatureR[0];
    signatureOnCurve.y <== signatureR[1];

    component verifier = EdDSAPoseidonVerifier();
    verifier.enabled <== 1;
    verifier.Ax <== publicKey[0];
    verifier.Ay <== publicKey[1];
    verifier.R8x <== signatureR[0];
    verifier.R8y <== signatureR[1];
    verifier.S <== signatureS;
    verifier.M <== message;

    component hash = Poseidon(2);
    hash.inputs <== publicKey;
    keyCommitment <== hash.out;
}
