"""Relance: decides what to say next to each debtor, when, by which channel and in which voice, and says it.

Owns the version of the distribution. The map of the packages is in README.md beside this file.
"""

__version__ = "0.1.0"
