"""The rules of the house: who may import whom, and what may be where."""
