"""Checks of sentences that a rule, a transform or a problem brings: one file each, with CHECKS."""
