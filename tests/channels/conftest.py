"""Makes pytest explain the assertions of the conformance suite as it does those of test files."""

import pytest

pytest.register_assert_rewrite("tests.channels.conformance")
