"""Tests of tasks/questions."""
