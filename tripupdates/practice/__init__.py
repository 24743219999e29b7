"""A loopback X and photos to practise with: for practice mode, the demo and the tests."""
