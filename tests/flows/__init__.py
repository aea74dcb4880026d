"""Tests of the flows, on both databases, with the shipped campaigns and the real words."""
