"""Mutation: every small change of the code that decides and delivers has to be noticed."""
