"""How rules get to their updates, in the plane: one rule's construction a file, drawn and told by a small kernel."""
