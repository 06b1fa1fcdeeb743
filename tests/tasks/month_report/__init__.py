"""Tests of tasks/month_report."""
