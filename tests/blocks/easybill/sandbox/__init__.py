"""Tests of the easybill sandbox."""
