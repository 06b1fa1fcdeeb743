"""Tests of tasks/plan."""
