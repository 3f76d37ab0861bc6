"""What goes wrong is told as a problem and does nothing; and the document that says so."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from monitor.api import shapes
from monitor.api.problems import KINDS, RETRY_AFTER
from monitor.notify import webhook
from monitor.notify.payload import payload
from monitor.notify.sample import samples
from monitor.reports import Reports
from tests import api_fixtures
from tests.api_rig import PATHS, PREFIX, Program, code
from tests.desk_rig import Clicks
from tests.rig import NOON, Rig
from tests.test_notify_mime import MESSAGE

cafe, rig, own, crm = api_fixtures.cafe, api_fixtures.rig, api_fixtures.own, api_fixtures.crm


# --- what goes wrong -----------------------------------------------------------------------------


def test_only_a_token_lets_a_program_in_and_no_other_site_may_ask(rig: Rig, crm: Program) -> None:
    anna = Clicks(rig, app=crm.app)
    answer = anna.get(f"{PREFIX}/tickets")
    assert code(answer) == "unauthorised"
    preflight = crm.ask("OPTIONS", "/tickets", headers={"origin": "https://evil.example"})
    assert code(preflight) == "method-not-allowed"
    answer = crm.ask("GET", "/tickets", headers={"origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "set-cookie" not in answer.headers


def test_no_token_in_an_address_or_of_another_kind_is_believed(crm: Program) -> None:
    nobody = Program(crm.rig, secret="", app=crm.app, address="")
    assert nobody.get(f"/tickets?access_token={crm.secret}").status_code == 401
    for header in (f"Basic {crm.secret}", crm.secret, f"Bearer{crm.secret}", "Bearer", f"Token {crm.secret}"):
        assert nobody.get("/tickets", authorization=header).status_code == 401
    assert nobody.get("/tickets", authorization=f"bearer  {crm.secret} ").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/tickets/", 404),
        ("GET", "", 404),
        ("POST", "/tickets", 405),
        ("DELETE", "/tickets/1", 405),
        ("GET", "/tickets/1/actions/take", 405),
        ("POST", "/tickets/1/actions/publish", 404),
        ("GET", "/../v2/tickets", 404),
    ],
)
def test_an_address_or_a_method_that_is_none_is_a_problem_for_programs(
    crm: Program, method: str, path: str, status: int
) -> None:
    answer = crm.ask(method, path)
    assert (answer.status_code, code(answer)) == (status, {404: "not-found", 405: "method-not-allowed"}[status])
    assert status != 405 or answer.headers["allow"] in ("GET", "POST")


@pytest.mark.parametrize("number", ["0", "-1", str(2**63), "9" * 4000, "1e3", "１"])
def test_no_number_is_too_long(crm: Program, number: str) -> None:
    for path in (f"/tickets/{number}", f"/reviews/{number}"):
        assert crm.get(path).status_code in (404, 422)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"text": ' + b"9" * 5000 + b"}", 400),
        (b"\xff", 400),
        (b'{"text": "\\ud800"}', 422),
        (b'{"text": 1}', 422),
        (b'{"text": null}', 422),
        (b'{"text": ""}', 422),
        (b'{"text": "x", "more": 1}', 422),
        (b'"text"', 422),
        (b"", 422),
        (json.dumps({"text": "x" * 2001}).encode(), 422),
        (b'{"text": "x", "text\\ud800": 1}', 422),
        (b" " * 300_000, 413),
    ],
)
def test_a_body_that_is_none_does_nothing(rig: Rig, crm: Program, content: bytes, status: int) -> None:
    before = rig.digest()
    headers = {"idempotency-key": "1", "content-type": "application/json"}
    answer = crm.ask("POST", "/tickets/1/actions/note", headers=headers, content=content)
    assert answer.status_code == status
    assert code(answer) in ("malformed", "invalid", "too-large")
    assert rig.digest() == before


def test_a_form_is_no_json(crm: Program) -> None:
    headers = {"idempotency-key": "1"}
    answer = crm.ask("POST", "/tickets/1/actions/note", headers=headers, data={"text": "x"})
    assert code(answer) == "invalid"


def test_a_database_that_others_hold_is_asked_again_later(own: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.desk.app.PATIENCE", 0.05)
    crm, ticket = Program(own), own.queue()[0].ticket
    with closing(sqlite3.connect(own.app.config.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = crm.do(ticket, "note", {"text": "Позвонила."}, key="once")
        assert code(answer) == "busy"
        assert answer.headers["retry-after"] == str(RETRY_AFTER)
        assert "otklik" not in answer.text.replace("urn:otklik", "")
        assert crm.get(f"/tickets/{ticket}").status_code == 200  # reading goes on
        other.execute("ROLLBACK")
    assert crm.do(ticket, "note", {"text": "Позвонила."}, key="once").status_code == 200


def test_what_breaks_tells_nothing_of_its_inside(rig: Rig, crm: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("секрет в /etc/passwd")

    monkeypatch.setattr(Reports, "tickets", broken)
    answer = crm.get("/tickets")
    assert code(answer) == "broken"
    assert "passwd" not in answer.text
    assert "Traceback" not in answer.text


# --- the document --------------------------------------------------------------------------------


def test_the_document_is_open_to_all_and_true(rig: Rig, crm: Program) -> None:
    nobody = Program(rig, secret="", app=crm.app)
    told = nobody.told("/openapi.json")
    assert told["openapi"].startswith("3.1")
    assert told["servers"] == [{"url": PREFIX}]
    found = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert found == {(method, path) for method, path, _ in PATHS}
    for method, path, grant in PATHS:
        assert told["paths"][path][method.lower()]["security"] == [{"token": [grant]}]
    documented = {
        code for answer in told["components"]["responses"].values()
        for code in answer["content"]["application/problem+json"]["examples"]
    }  # fmt: skip
    assert documented == set(KINDS)


def test_a_webhook_posts_what_the_document_says() -> None:
    for alert in samples(NOON):
        told = json.loads(webhook.body(replace(MESSAGE, data=payload(alert))))
        shapes.WebhookMessage.model_validate(told, extra="forbid")


def test_the_page_for_those_who_write_programs_needs_nothing_from_elsewhere(rig: Rig, crm: Program) -> None:
    page = Program(rig, secret="", app=crm.app).ask("GET", "/api", whole=True)
    assert page.status_code == 200
    for method, path, _ in PATHS:
        assert f"{method} {PREFIX}{path}" in page.text
    for found in (*KINDS, "Idempotency-Key", "If-Match", "changed_since", "otk_"):
        assert found in page.text
    assert not re.search(r"(src|href)=\"(?!/|#)", page.text)
    assert "<script" not in page.text
