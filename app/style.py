"""The few lines of style that Streamlit's theme has no setting for."""

STYLE = """<style>
[data-testid="stAppViewContainer"] > div:not(:has([data-testid="stElementContainer"]:not(.st-key-site *))) {
  visibility: hidden; }
.stMainBlockContainer { padding: 3.6rem 1.6rem 2rem; max-width: 1500px; }
button[kind="tertiary"]:is(:hover, :active, :focus, [aria-expanded="true"]) {
  color: light-dark(#00659e, #7cc6f0) !important; }
[data-testid="stCode"] .token { color: inherit !important; }
[data-testid="stCode"] .token:is(.keyword, .boolean, .number) { color: light-dark(#00659e, #7cc6f0) !important; }
[data-testid="stCode"] .token.string { color: light-dark(#00704f, #5bd8b3) !important; }
[data-testid="stLayoutWrapper"]:has(> :is(.st-key-site, .st-key-unseen)) {
  position: absolute; width: 1px; height: 1px; overflow: hidden; pointer-events: none; }
.site-name { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.stMarkdown [data-testid="stCaptionContainer"] { opacity: 0.8; }
[data-tag], [data-testid^="stBaseButton-primary"]:not(:disabled) { color: light-dark(#ffffff, #0e1117); }
.stMainBlockContainer:has(.st-key-stage-area) { max-width: none; }
.st-key-heading { min-height: 5.1rem; }
.st-key-lesson-heading h2 { padding: 0; }
.st-key-lesson-body:is(:not(:has(p)), :has([data-testid="stSkeleton"])),
.st-key-lesson-body .stElementContainer:has(.stMarkdown):not(:has(p)) ~ * { visibility: hidden; }
.st-key-heading :is(h1, h2, h3, h4) { padding: 0; overflow: hidden; display: -webkit-box;
  -webkit-box-orient: vertical; -webkit-line-clamp: 1; }
.st-key-stage-area:not(:has([data-stage-painted])) { min-height: calc(100vh - 9rem); }
[data-testid="stElementContainer"]:has(i[hidden]) { display: none; }
.katex-display { margin: 0.4em 0 0.9em; overflow-x: auto; overflow-y: hidden; }
.katex { font-size: 1.05em; }
.katex-display > .katex { font-size: 1em; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stSidebarUserContent"] .stElementContainer:has([data-testid="stSkeleton"]) { min-height: 4.25rem; }
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: 0.7rem; }
[data-testid="stSidebarUserContent"] h2 { padding: 0.6rem 0 0.3rem; }
.stMainBlockContainer h3 { padding: 0.9rem 0 0.35rem; }
[data-testid="stSelectbox"] input { text-overflow: ellipsis; }
.st-key-lab-queue-head { margin-top: 0.6rem; }
.st-key-lab-queue-head h3 { padding: 0; }
.st-key-lab-queue [class*="st-key-lab-run-"] {
  padding: 0.45rem 0; border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
.lab-table { overflow-x: auto; }
.lab-table table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; white-space: nowrap; }
.lab-table :is(th, td) { padding: 0.4rem 0.5rem; text-align: right; font-weight: 400; border: 0; }
.lab-table thead th { font-size: 0.85rem; opacity: 0.75; vertical-align: bottom; padding-block: 0.15rem; }
.lab-table thead th[colspan] { text-align: center; font-size: 0.95rem; opacity: 1; font-weight: 600; }
.lab-table :is(thead th:first-child.word, tbody th) { text-align: left; padding-left: 0; }
.lab-table tbody th { white-space: normal; min-width: 11rem; max-width: 24rem; }
.lab-table tbody tr { border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
.lab-table .printed { opacity: 0.65; }
.lab-table .word { text-align: left; }
.lab-table .still { display: block; font-size: 0.85rem; }
:root[data-presenting] [data-testid="stApp"], :root[data-presenting] [data-testid="stApp"] [data-testid] {
  visibility: hidden; }
:root[data-presenting] :is([data-testid="stMain"], .site-name,
  .st-key-heading, .st-key-heading *, .st-key-stage-area, .st-key-stage-area *) {
  visibility: visible !important; }
:root[data-presenting] .st-key-heading { position: fixed; z-index: 999991; inset: 0 0 auto; min-height: 0;
  padding: 0 max(14px, min(1.25vw, 100vh / 45)); }
:root[data-presenting] .st-key-heading :is(h1, h2, h3, h4) { font-size: max(20px, min(1.8vw, 3.2vh)); line-height: 1.5;
  -webkit-line-clamp: 1; }
:root[data-presenting] .st-key-heading > :not(:first-child) { display: none; }
:root[data-presenting] body { overflow: hidden; }
:root[data-pointing] * { cursor: none !important; }
.stMainBlockContainer { margin-bottom: var(--controls-height, 0px); }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 3.6rem 0.75rem 2rem; }
  .st-key-heading { min-height: 11.4rem; }
  .st-key-heading :is(h1, h2, h3, h4) { -webkit-line-clamp: 2; }
  .st-key-lab-each-task, .st-key-lab-bars { overflow-x: auto; }
  .st-key-lab-each-task > *, .st-key-lab-bars > * { min-width: 760px; }
}
</style>"""


def scheme(theme: str | None) -> str:
    """Returns the style that says the page is "light" or "dark": panels that Streamlit opens outside the app follow it.

    The server cannot know it before the page's first script has run.
    """
    return f"<style>:root {{ color-scheme: {theme or 'light'}; }}</style>"
