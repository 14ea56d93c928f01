pragma circom 2.1.6;

include "statements/identity-link.circom";

component main {
    public [context, identityCommitment, linkedCommitment]
} = IdentityLink();
