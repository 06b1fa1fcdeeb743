"""The rules of the house: who may import whom, and what may stand where."""
