"""The places an approved update goes to, one module each."""
