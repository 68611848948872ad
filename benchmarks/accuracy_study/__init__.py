"""The accuracy study: its series, its protocol and its models."""
