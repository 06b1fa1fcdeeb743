"""Stories of months that go wrong, in virtual time, around the protocol as it is."""
