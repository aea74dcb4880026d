"""Deployments: settings, lanes, checks, and the files that start them."""
