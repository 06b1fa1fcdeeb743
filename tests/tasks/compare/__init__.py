"""Tests of tasks/compare."""
