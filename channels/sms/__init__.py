"""Providers of SMS, one module each; what their names begin with tells them apart."""
