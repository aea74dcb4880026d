"""How many examples a property is tried on: few in the daily run, as many as the profile says in a soak."""

from hypothesis import HealthCheck, settings


def examples(daily: int) -> settings:
    """Settings of a property test: `daily` examples, more when the soak profile runs."""
    asked = settings().max_examples
    most = asked if asked > 1000 else min(daily, asked)
    return settings(max_examples=most, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
