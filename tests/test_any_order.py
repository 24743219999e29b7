"""Whatever people do and whatever fails, in any order: laws 1 to 4, 6 and 7 hold on the channels themselves."""

from hypothesis import HealthCheck, settings

from tests.any_order import Journey

TestAnyOrder = Journey.TestCase
TestAnyOrder.settings = settings(
    max_examples=10,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
