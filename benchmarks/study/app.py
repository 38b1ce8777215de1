"""The web application: a participant's pages, their posts and videos, and the experimenter's page."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from benchmarks.study.design import VIDEOS, Design
from benchmarks.study.experimenter import overview
from benchmarks.study.export import ratings_table, write_ratings
from benchmarks.study.guard import Guard, refused
from benchmarks.study.invitations import EXPERIMENTER, Tokens
from benchmarks.study.pages import KINDS, STATIC, environment, render
from benchmarks.study.sessions import CONSENT, INSTRUCTIONS, Refused, Sessions, is_practice
from benchmarks.study.storage import Store
from benchmarks.study.terms import terms_of

EXPORTS = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}
UNKNOWN = "This link is not an invitation. Please copy the whole link."


class Post(BaseModel):
    """What a page sends: nothing else, and no other types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Heard(Post):
    """The answers to the screen check."""

    digit: int
    beeps: int


class Rating(Post):
    """The answers about one video."""

    position: int
    video: str
    scores: dict[str, int]


@dataclass(frozen=True)
class Served:
    """What the routes share."""

    folder: Path
    design: Design
    store: Store
    tokens: Tokens

    def participant(self, token: str) -> str:
        """Who holds a token. Raises Refused for an unknown one, and for the experimenter's."""
        holder = self.tokens.holder(token)
        if holder not in self.design.sequences:
            raise Refused(404, UNKNOWN)
        return holder

    def check_experimenter(self, token: str) -> None:
        """Raises Refused for any other token."""
        if self.tokens.holder(token) != EXPERIMENTER:
            raise Refused(404, UNKNOWN)


def make_app(served: Served, origin: str) -> FastAPI:
    """The application; ``origin`` is where its pages are seen from, e.g. ``http://127.0.0.1:8000``."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    sessions = Sessions(served.design, served.store)
    _participants(app, served, sessions)
    _experimenter(app, served, sessions)
    _refusals(app, served)
    app.add_middleware(Guard, origin=origin)
    return app


def _participants(app: FastAPI, served: Served, sessions: Sessions) -> None:
    pages = environment()

    @app.get("/study/{token}")
    def enter(token: str) -> Response:
        sessions.enter(served.participant(token))
        return RedirectResponse(f"/study/{token}/now", 303)

    @app.get("/study/{token}/now")
    def show(token: str) -> HTMLResponse:
        place = sessions.show(served.participant(token))
        parts = {"design": served.design, "place": place, "practice": is_practice(place), "base": f"/study/{token}"}
        return HTMLResponse(render(pages, place.stage, shares=sessions.shares(place), **parts))

    @app.post("/study/{token}/consent")
    def consent(token: str, _: Post) -> dict:
        sessions.pass_stage(served.participant(token), CONSENT)
        return {}

    @app.post("/study/{token}/instructions")
    def instructions(token: str, _: Post) -> dict:
        sessions.pass_stage(served.participant(token), INSTRUCTIONS)
        return {}

    @app.post("/study/{token}/screen")
    def screen(token: str, heard: Heard) -> dict:
        sessions.check_screen(served.participant(token), heard.digit, heard.beeps)
        return {}

    @app.post("/study/{token}/rating")
    def rating(token: str, given: Rating) -> dict:
        return {"stored": sessions.rate(served.participant(token), given.position, given.video, given.scores)}

    @app.get("/study/{token}/video/{name}")
    def video(token: str, name: str) -> FileResponse:
        known = sessions.video(served.participant(token), name)
        return FileResponse(served.folder / VIDEOS / f"{known}.mp4", media_type="video/mp4")

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in STATIC:
            raise Refused(404, "There is no such file.")
        path = STATIC[name]
        return FileResponse(path, media_type=KINDS[path.suffix], headers={"Cache-Control": "max-age=600"})


def _experimenter(app: FastAPI, served: Served, sessions: Sessions) -> None:
    pages, terms = environment(), terms_of(served.design)

    @app.get("/experimenter/{token}")
    def page(token: str) -> HTMLResponse:
        served.check_experimenter(token)
        parts = overview(sessions, terms, ratings_table(served.design, served.store))
        return HTMLResponse(render(pages, "experimenter", base=f"/experimenter/{token}", **parts))

    @app.get("/experimenter/{token}/ratings.{form}")
    def export(token: str, form: str) -> Response:
        served.check_experimenter(token)
        if form not in EXPORTS:
            raise Refused(404, "Ratings come as .parquet or .csv.")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"ratings.{form}"
            write_ratings(file, ratings_table(served.design, served.store))
            content = file.read_bytes()
        named = {"Content-Disposition": f'attachment; filename="ratings.{form}"'}
        return Response(content, media_type=EXPORTS[form], headers=named)


def _refusals(app: FastAPI, served: Served) -> None:
    """Every refusal: a clear status, one sentence, a line in the log; a page for who asked for a page."""
    pages = environment()

    def answer(request: Request, status: int, message: str) -> Response:
        route = request.scope.get("route")
        who = served.tokens.holder(request.path_params.get("token", ""))
        refused(status, message, f"{request.method} {route.path if route else 'an unknown address'}", who)
        if request.method == "GET":
            return HTMLResponse(render(pages, "refused", message=message), status)
        return JSONResponse({"error": message}, status)

    handlers: dict[type[Exception], Callable[[Exception], tuple[int, str]]] = {
        Refused: lambda error: (error.status, error.message),
        RequestValidationError: lambda _: (422, "The post does not have the expected form."),
        HTTPException: lambda error: (error.status_code, "There is no such page."),
    }
    for kind, read in handlers.items():

        async def handler(request: Request, error: Exception, read=read) -> Response:
            return answer(request, *read(error))

        app.add_exception_handler(kind, handler)
