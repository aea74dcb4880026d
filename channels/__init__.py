"""Channels: hands one message to one provider by SMS, e-mail or letter. Knows nothing of debts or cases."""
