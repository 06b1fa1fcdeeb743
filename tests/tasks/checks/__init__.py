"""Tests of tasks/checks."""
