"""The playground in the browser: pages, controls, the stage, figures and lessons. `python -m app` starts it."""
