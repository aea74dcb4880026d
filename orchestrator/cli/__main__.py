"""`python -m orchestrator.cli`, for a checkout without the installed command."""

from orchestrator.cli import main

main()
