"""Tests of tasks/load."""
