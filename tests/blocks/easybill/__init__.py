"""Tests of the easybill package."""
