"""Tests of tasks/messages."""
