pragma circom 2.1.6;

include "statements/batch-release.circom";

component main {
    public [context, laboratoryKeyCommitment, specificationCommitment, resultsCommitment, signedAt]
} = BatchRelease(16, 32);
