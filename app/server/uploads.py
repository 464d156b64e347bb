"""Refuses what would be kept in memory for whoever sends it."""

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

UPLOADS = "/_stcore/upload_file/"


class NoUploads:
    """Answers 403 to every upload, unread: no page takes a file, but Streamlit keeps those of any visitor."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, uploads excepted."""
        if scope["type"] == "http" and UPLOADS in scope["path"]:
            await PlainTextResponse("Nothing can be uploaded here.", 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)
