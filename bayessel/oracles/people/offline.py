"""The page in one file, for somebody without a network.

The file has no names; which side is which stays in the run's ledger of verdicts. Its cells are kept
for it: nobody else is asked them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence

from markupsafe import Markup

from bayessel.oracles.people.answers import KIND, VERSION
from bayessel.oracles.people.app import SKIP_REASONS, STATIC, templates
from bayessel.oracles.people.sheet import Sheets
from bayessel.oracles.verdicts.record import Recorded


def offline_page(
    asked: Sequence[Recorded], sheets: Sheets, *, title: str, instructions: str = ""
) -> str:
    """The file.

    Parameters
    ----------
    asked
        Its questions, of one annotator, from :meth:`bayessel.oracles.people.desk.Desk.set_aside`.
    sheets
        What is shown of them.
    title, instructions
        What the page says.
    """
    environment = templates()
    question = environment.get_template("question.html")
    annotator = asked[0].request.oracle
    content = {
        "annotator": annotator,
        "set": asked[0].request.shown["offline"],
        "kind": KIND,
        "version": VERSION,
        "questions": [
            {
                "id": one.request.shown["id"],
                "html": question.render(sheet=sheets.sheet(one.request, whole=True)),
                "sides": sheets.diff(one.request),
            }
            for one in asked
        ],
    }
    style = (STATIC / "page.css").read_text(encoding="utf-8")
    script = (STATIC / "offline.js").read_text(encoding="utf-8")
    script += (STATIC / "page.js").read_text(encoding="utf-8")
    data = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    first = {
        **{"state": "waiting", "id": "", "screen": "", "cards": [], "html": ""},
        "progress": {"mine": 0, "all": 0, "of": 0},
    }
    return environment.get_template("offline.html").render(
        settings={"title": title, "instructions": instructions},
        annotator=annotator,
        reasons=SKIP_REASONS,
        question=first,
        style=Markup(style),
        script=Markup(script),
        data=Markup(data),
        policy=policy,
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def new_set() -> str:
    """The id of a file; it tells nothing."""
    return secrets.token_urlsafe(6)
