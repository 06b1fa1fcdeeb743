"""Tests of the order management system's block."""
