"""The few lines of style that Streamlit's theme has no setting for."""

STYLE = """<style>
.stMainBlockContainer { padding: 3.6rem 1.6rem 2rem; max-width: 1500px; }
.stMainBlockContainer h4 { padding: 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 0.7rem; }
[data-testid="stSidebarUserContent"] h5 { padding: 0.6rem 0 0; }
@media (max-width: 640px) { .stMainBlockContainer { padding: 3.6rem 0.75rem 2rem; } }
</style>"""
