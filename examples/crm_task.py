"""A CRM that gets one task for every ticket that Отклик alarms about: the webhook brings the alarm, the API the rest.

config.yaml of Отклик:

    channels: {crm: {webhook: "http://127.0.0.1:8790/hook", secret_env: CRM_SECRET}}
    escalation: {support: ["channel:crm", help@example.ru], owner: [owner@example.ru]}

Then:

    export CRM_SECRET=…                                          the key that signs what is posted here
    export OTKLIK_TOKEN=$(otklik token add crm --may act)        read tickets, write notes
    export OTKLIK_URL=http://127.0.0.1:8766  CRM_URL=http://127.0.0.1:8791/tasks
    python examples/crm_task.py 8790

    a deadline passes → POST /hook, signed → GET /api/v1/tickets/12 → POST to the CRM → a note at the ticket

The same alarm may come twice, another one may follow about the same ticket, and any of these programs may die in
between: the note tells that there is a task, the answer to the webhook is 2xx only when all is done, both POSTs carry a
key made of the ticket, and so nothing is done twice, as long as the CRM heeds the key. A message names at most 200
tickets; where its `total` is more, GET /api/v1/tickets?overdue=true tells the others. Needs httpx and nothing else.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

MOST_BYTES = 1024 * 1024

NOTED = "CRM: задача"
"""How the note begins that tells of a task."""

SITES = {
    "google_business": "Google Карты",
    "yandex_maps": "Яндекс Карты",
    "twogis": "2ГИС",
    "otzovik": "Отзовик",
    "irecommend": "iRecommend",
    "schema_org": "Свой сайт",
    "feed": "Лента отзывов",
}
"""How people call the `source` of a ticket; of any other its id is told."""


def verify(secret: str, header: str, content: bytes, now: float, tolerance: float = 300) -> bool:
    """Whether whoever knows the secret sent these bytes, less than five minutes ago."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    at, given = parts.get("t", ""), parts.get("v1", "")
    if not (at.isascii() and at.isdigit() and len(at) < 12 and given.isascii()):
        return False
    expected = hmac.new(secret.encode(), at.encode() + b"." + content, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, given) and abs(now - int(at)) <= tolerance


class Bridge:
    """Between Отклик and the CRM. `otklik` and `crm` send what belongs to each."""

    def __init__(self, otklik: httpx.Client, crm: httpx.Client, tasks: str) -> None:
        self._otklik = otklik
        self._crm = crm
        self._tasks = tasks

    def take(self, message: dict[str, Any]) -> int:
        """A task for each ticket of an alarm; how many. Raises httpx.HTTPError when it has to be sent once more."""
        tickets = [told["ticket"] for told in message["tickets"]]
        for number in tickets:
            self._task(number)
        return len(tickets)

    def _task(self, number: int) -> None:
        found = self._otklik.get(f"/api/v1/tickets/{number}")
        if found.status_code in (404, 410):  # of a place that the token does not see, or erased
            return
        ticket = found.raise_for_status().json()
        if any(note["author"].startswith("api:") and note["text"].startswith(NOTED) for note in ticket["notes"]):
            return  # an earlier alarm made it
        key = hashlib.sha256(f"otklik ticket {number}".encode()).hexdigest()
        made = self._crm.post(self._tasks, json=task_of(ticket), headers={"Idempotency-Key": key})
        told = f"{NOTED} {made.raise_for_status().json()['id']}."
        noted = self._otklik.post(
            f"/api/v1/tickets/{number}/actions/note", json={"text": told}, headers={"Idempotency-Key": key}
        )
        if noted.status_code != 410:
            noted.raise_for_status()


def task_of(ticket: dict[str, Any]) -> dict[str, Any]:
    stars = f"{ticket['stars']} ★" if ticket["stars"] else "без оценки"
    site = SITES.get(ticket["source"], ticket["source"])
    return {
        "title": f"Отзыв № {ticket['ticket']}: {site}, {stars}" + (", опасность" if ticket["risks"] else ""),
        "text": ticket["text"],
        "due": ticket["due_at"],
        "link": ticket["reply_url"],
    }


class Hook(BaseHTTPRequestHandler):
    bridge: Bridge
    secret: str

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 8 and 0 < int(length) <= MOST_BYTES):
            self._answer(413)
            return
        content = self.rfile.read(int(length))
        if not verify(self.secret, self.headers.get("Otklik-Signature", ""), content, time.time()):
            self._answer(401)
            return
        try:
            self._answer(200, {"tasks": self.bridge.take(json.loads(content))})
        except httpx.HTTPError as error:
            self.log_error("%s", type(error).__name__)
            self._answer(503)  # Отклик sends the message again

    def _answer(self, status: int, told: dict[str, Any] | None = None) -> None:
        body = json.dumps(told or {}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8790
    token, secret = os.environ["OTKLIK_TOKEN"], os.environ["CRM_SECRET"]
    with (
        httpx.Client(
            base_url=os.environ["OTKLIK_URL"], headers={"Authorization": f"Bearer {token}"}, timeout=10
        ) as otklik,
        httpx.Client(timeout=10) as crm,
    ):
        Hook.bridge, Hook.secret = Bridge(otklik, crm, os.environ["CRM_URL"]), secret
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), Hook)
        except OSError as error:
            sys.exit(f"port {port}: {error.strerror}; name another one, here and in config.yaml")
        with server:
            print(f"http://127.0.0.1:{server.server_port}/hook", flush=True)
            server.serve_forever()


if __name__ == "__main__":
    main()
