"""What can go wrong with the order management system as a whole."""


class OmsUnavailable(Exception):
    """The database did not answer, or the connection was lost; reading again may help."""


class OmsContractBroken(Exception):
    """A relation or column is missing or unreadable; reading again won't help."""
