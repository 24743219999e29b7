"""Print every bench's table."""

from bench import cleaning

print(cleaning.table())  # noqa: T201 - printing is what it is for
