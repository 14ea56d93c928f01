pragma circom 2.1.6;

// A circuit small enough to make keys for in a test.
template Product() {
    signal input left;
    signal input right;
    signal output product;
    product <== left * right;
}

component main = Product();
