//! What the tests talk to.
