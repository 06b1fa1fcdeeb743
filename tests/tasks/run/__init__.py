"""Tests of tasks/run."""
