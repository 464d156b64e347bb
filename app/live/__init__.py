"""Controls that are drawn in the page: what they are told of the fields, where they stand, what comes back."""
