"""Figures, side by side with a peer in the same run. `make bench` prints the tables that stand in the README."""
