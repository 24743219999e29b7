"""The photo room: nothing of an upload survives but its pixels."""
