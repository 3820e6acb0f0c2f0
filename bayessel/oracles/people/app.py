"""The page as a web application: a few addresses, each of which does one thing at the desk.

A browser comes with the token in the address once, and has it in a cookie from then on. Nothing
that it receives has a name of a candidate or of the baseline, or tells which is which.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bayessel.errors import BayesselError, OutcomeError
from bayessel.oracles.people.desk import Desk
from bayessel.oracles.people.security import Guard, read_object, same
from bayessel.oracles.people.sheet import Sheets
from bayessel.oracles.people.shown import MOST_NOTE, MOST_SECONDS, Choice, Said, screen_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
MOST_NAME = 40

SKIP_REASONS = (
    "I don't know enough about the subject",
    "The question cannot be understood",
    "A response is broken or cut off",
    "I cannot decide",
    "Something else",
)
"""What the page offers as reasons to skip."""

_NAME = re.compile(r"[^\W_](?:[\w .'@-]*[\w.])?")


def templates() -> jinja2.Environment:
    """The page's templates; everything is escaped that is not marked as safe."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def check_name(name: str) -> str:
    """The name of an annotator without spaces around it.

    Raises
    ------
    OutcomeError
        It is empty, too long, or has signs that a name has not.
    """
    name = " ".join(name.split())
    if len(name) > MOST_NAME or not _NAME.fullmatch(name):
        raise OutcomeError(
            f"annotator {name[:MOST_NAME]!r}: expected a name of 1 to {MOST_NAME} letters, digits, "
            "spaces and . ' @ -"
        )
    return name


@dataclass(frozen=True)
class Secrets:
    """What a browser must know.

    Attributes
    ----------
    annotators
        Token of those who judge.
    organiser
        Token of whoever runs it: opens the progress.
    """

    annotators: str
    organiser: str


@dataclass(frozen=True)
class Settings:
    """What the page says and asks.

    Attributes
    ----------
    secrets
        The tokens.
    title
        Heading of the page; it must not tell what is compared.
    instructions
        What to look at, in the words of whoever runs it.
    progress
        The page of the organiser, as template values; None where there is none.
    """

    secrets: Secrets
    title: str = "Which response is better?"
    instructions: str = ""
    progress: Callable[[Desk], dict[str, Any]] | None = None


class Page:
    """The addresses; see the module.

    Parameters
    ----------
    desk
        Who gets which question.
    sheets
        What is shown of it.
    settings
        What the page says.
    """

    def __init__(self, desk: Desk, sheets: Sheets, settings: Settings) -> None:
        self.desk = desk
        self.sheets = sheets
        self.settings = settings
        self._templates = templates()
        key = settings.secrets.annotators[:6]  # two pages on one machine keep their cookies apart
        self._cookie, self._who = f"bayessel-{key}", f"annotator-{key}"

    # ------------------------------------------------------------------ pages
    async def home(self, request: Request) -> Response:
        """The page, or the question for a name; takes the token out of the address."""
        given = request.query_params.get("token")
        if given is not None:
            return self._enter(request, given)
        self._require_token(request)
        annotator = self._annotator(request)
        if annotator is None:
            return self._html("name.html", problem="")
        question = self._question(annotator)
        return self._html("page.html", annotator=annotator, question=question, reasons=SKIP_REASONS)

    async def name(self, request: Request) -> Response:
        """Take the name of an annotator."""
        self._require_token(request)
        form = await request.body()
        fields = dict(
            part.partition("=")[::2] for part in form.decode("ascii", "replace").split("&")
        )
        try:
            name = check_name(unquote(fields.get("name", "").replace("+", " ")))
        except OutcomeError as error:
            return self._html("name.html", 400, problem=str(error))
        return self._remember(RedirectResponse("/", 303), self._who, quote(name))

    async def progress(self, request: Request) -> Response:
        """How far it is, for whoever runs it."""
        if not same(request.cookies.get(self._cookie), self.settings.secrets.organiser):
            raise HTTPException(403, "this page is for whoever runs it: use the address printed")
        if self.settings.progress is None:
            raise HTTPException(404, "there is no such page")
        return self._html("progress.html", **self.settings.progress(self.desk))

    # ------------------------------------------------------------------ what the page asks for
    async def question(self, request: Request) -> Response:
        """The question in front of an annotator."""
        return JSONResponse(self._question(self._required(request)))

    async def answer(self, request: Request) -> Response:
        """Take a verdict; then give the next question."""
        annotator = self._required(request)
        public_id, said = _said(read_object(await request.body()))
        problem = ""
        try:
            self.desk.answer(annotator, public_id, said)
        except OutcomeError as error:
            problem = str(error)
        shown = {**self._question(annotator), "problem": problem}
        return JSONResponse(shown, 409 if problem else 200)

    async def undo(self, request: Request) -> Response:
        """Take back the last answer; then show its question again."""
        annotator = self._required(request)
        undone = self.desk.undo(annotator)
        problem = "" if undone else "there is nothing to take back"
        return JSONResponse({**self._question(annotator), "problem": problem})

    async def more(self, request: Request) -> Response:
        """All of a long response."""
        asked = self._asked(request)
        side = request.path_params["side"]
        if side not in (1, 2):
            raise HTTPException(404, "there is no such response")
        return JSONResponse({"html": self.sheets.whole(asked, side - 1)})

    async def diff(self, request: Request) -> Response:
        """The words that differ."""
        found = self.sheets.diff(self._asked(request))
        return JSONResponse({"sides": found})

    # ------------------------------------------------------------------ parts
    def _question(self, annotator: str) -> dict[str, Any]:
        """The current question as the page's script takes it."""
        shown = self.desk.current(annotator)
        progress = {
            "mine": self.desk.n_verdicts(annotator),
            "all": self.desk.n_judged,
            "of": self.desk.budget,
        }
        if shown is None:
            state = "done" if self.desk.finished else "waiting"
            empty: dict[str, Any] = {"id": "", "screen": "", "cards": [], "html": ""}
            return {"state": state, "progress": progress, **empty}
        open_now = {"state": "open", "id": shown.request.shown["id"], "progress": progress}
        if beside := self.desk.beside(shown):
            screen = self.sheets.screen([one.request for one in beside])
            body = self._templates.get_template("together.html").render(screen=screen)
            cards = [
                {"id": one.request.shown["id"], "said": one.verdict.text if one.verdict else ""}
                for one in beside
            ]
            return {**open_now, "screen": screen_of(shown.request), "cards": cards, "html": body}
        sheet = self.sheets.sheet(shown.request)
        body = self._templates.get_template("question.html").render(sheet=sheet)
        return {**open_now, "screen": "", "cards": [], "html": body}

    def _asked(self, request: Request) -> Any:
        annotator = self._required(request)
        try:
            return self.desk.question(annotator, request.path_params["id"]).request
        except OutcomeError as error:
            raise HTTPException(404, str(error)) from None

    def _html(self, template: str, code: int = 200, **values: Any) -> HTMLResponse:
        page = self._templates.get_template(template)
        return HTMLResponse(page.render(settings=self.settings, **values), code)

    def _enter(self, request: Request, given: str) -> Response:
        secrets = self.settings.secrets
        if not (same(given, secrets.annotators) or same(given, secrets.organiser)):
            raise HTTPException(403, "this address is not right: use the one that was printed")
        organiser = same(given, secrets.organiser)
        response = RedirectResponse("/progress" if organiser else "/", 303)
        name = request.query_params.get("name")
        if name is not None:
            with contextlib.suppress(OutcomeError):  # then the page asks for it
                self._remember(response, self._who, quote(check_name(name)))
        return self._remember(response, self._cookie, given)

    @staticmethod
    def _remember(response: Response, key: str, value: str) -> Response:
        response.set_cookie(key, value, httponly=True, samesite="strict", max_age=365 * 86400)
        return response

    def _require_token(self, request: Request) -> None:
        given, secrets = request.cookies.get(self._cookie), self.settings.secrets
        if not (same(given, secrets.annotators) or same(given, secrets.organiser)):
            raise HTTPException(403, "open the address that was printed: it has a token")

    def _annotator(self, request: Request) -> str | None:
        try:
            return check_name(unquote(request.cookies.get(self._who, "")))
        except OutcomeError:
            return None

    def _required(self, request: Request) -> str:
        self._require_token(request)
        annotator = self._annotator(request)
        if annotator is None:
            raise HTTPException(403, "say your name first: load the page again")
        return annotator


def _said(found: dict[str, object] | None) -> tuple[str, Said]:
    """Id of the question and what is said of it.

    Raises
    ------
    HTTPException
        The body is no answer.
    """
    if found is None:
        raise HTTPException(400, "expected a JSON object")
    public_id, note, seconds = found.get("id"), found.get("note", ""), found.get("seconds")
    try:
        choice = Choice(str(found.get("choice")))
    except ValueError:
        raise HTTPException(400, f"choice: expected one of {', '.join(Choice)}") from None
    if not isinstance(public_id, str) or not isinstance(note, str) or len(note) > MOST_NOTE:
        raise HTTPException(400, f"expected an id, and a note of at most {MOST_NOTE} characters")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | None):
        raise HTTPException(400, "seconds: expected a number")
    known = None if seconds is None else float(min(max(seconds, 0), MOST_SECONDS))
    return public_id, Said(choice, note.strip(), known)


def make_app(page: Page) -> Starlette:
    """The application of a page; the page's desk is closed when the server stops.

    Parameters
    ----------
    page
        Opened in the thread that serves.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            page.desk.close()

    async def problem(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, HTTPException) else 500
        text = str(error.detail if isinstance(error, HTTPException) else error)
        if "text/html" in request.headers.get("accept", ""):
            body = templates().get_template("problem.html").render(text=text)
            return HTMLResponse(body, code)
        return JSONResponse({"problem": text}, code)

    routes = [
        Route("/", page.home),
        Route("/name", page.name, methods=["POST"]),
        Route("/progress", page.progress),
        Route("/question", page.question),
        Route("/answer", page.answer, methods=["POST"]),
        Route("/undo", page.undo, methods=["POST"]),
        Route("/more/{id}/{side:int}", page.more),
        Route("/diff/{id}", page.diff),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard)],
        lifespan=lifespan,
        exception_handlers={HTTPException: problem, BayesselError: problem},
    )
