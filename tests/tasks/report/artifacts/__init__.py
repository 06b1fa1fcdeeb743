"""Tests of tasks/report/artifacts."""
