"""Tests of tasks/easybill."""
