"""`python -m tripupdates` is the console script."""

from tripupdates.cli import main

main()
