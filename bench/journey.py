"""Claim: in whatever order people act and things fail, nothing stands on a channel that may not.

`python -m bench.journey [STEPS]`: the machine of `tests/any_order.py`, in examples of forty steps drawn anew each time; a step
that breaks a law ends it with the steps that led there.
"""

import logging
import sys
import time

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.any_order import Journey, happened

STEPS, LENGTH = 10_000, 40


def table(steps: int = STEPS) -> str:
    """Walk, and say what happened; a law that breaks ends it with the steps that led there."""
    begun = time.monotonic()
    while happened["steps"] < steps:
        how = settings(
            max_examples=25,
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Journey, settings=how)
    rows = [*sorted(happened.items()), ("laws broken", 0), ("seconds", round(time.monotonic() - begun))]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {count} |" for name, count in rows)])


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(table(*map(int, sys.argv[1:])))  # noqa: T201 - printing is what it is for
