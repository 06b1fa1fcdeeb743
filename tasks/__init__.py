"""The work, in rooms; a room imports only rooms that come before it."""
