"""What can keep a check from running."""


class Missing(Exception):
    """This machine lacks something; the message says what, and which Debian packages bring it."""


class GuestFailed(Exception):
    """A program in the emulator did not end well."""
