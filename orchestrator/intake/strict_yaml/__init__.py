"""YAML files that people write, read strictly: every fault has its place, what was found and what was expected."""
