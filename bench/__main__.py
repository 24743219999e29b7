"""Print every bench's table."""

from bench import faces, photos

for bench in (photos, faces):
    print(bench.table(), end="\n\n")  # noqa: T201 - printing is what it is for
