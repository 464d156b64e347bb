"""The Lab's parts: a form, a queue, curves and a table. All of them ask the store and the launcher alone."""
