"""What a machine can check of the way Relance is built: see tests/README.md."""
