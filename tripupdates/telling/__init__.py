"""Being told: what somebody at school is to hear, and by which way they heard it."""
