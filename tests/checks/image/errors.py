"""Why the image can be neither built nor tried here."""


class Missing(Exception):
    """This machine lacks something; the text says what, and how to get it."""
