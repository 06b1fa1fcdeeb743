"""Tests of tasks/sense."""
