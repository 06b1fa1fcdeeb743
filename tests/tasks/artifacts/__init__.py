"""Tests of tasks/artifacts."""
