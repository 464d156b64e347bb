"""The few lines of style that Streamlit's theme has no setting for."""

STYLE = """<style>
.stMainBlockContainer { padding: 3.6rem 1.6rem 2rem; max-width: 1500px; }
.st-key-heading h4 { padding: 0; }
.st-key-stage-area { min-height: 24rem; }
[data-testid="stElementContainer"]:has([data-stage-slot]) { display: none; }
.stMainBlockContainer .katex-display { margin: 0.4em 0 0.9em; overflow-x: auto; overflow-y: hidden; }
.stMainBlockContainer .katex-display > .katex { font-size: 1em; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 0.7rem; }
[data-testid="stSidebarUserContent"] h5 { padding: 0.6rem 0 0.3rem; }
@media (max-width: 640px) { .stMainBlockContainer { padding: 3.6rem 0.75rem 2rem; } }
</style>"""
