"""Whatever is sent to the API, it answers as its document says: by a tool that makes requests of the document."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from monitor.api.app import described
from monitor.desk.app import create_app
from monitor.standin.credentials import STAND_IN_ENV
from monitor.standin.world import World
from monitor.tokens import Grant
from tests.api_rig import token
from tests.rig import NOON, Rig

CONFIG: dict[str, Any] = {
    "generation": {"max-examples": 40, "deterministic": True, "database": "none", "with-security-parameters": False},
}

NUMBERS = count()

SERVED: list[Starlette] = []
"""The desk that answers, once there is one: the requests are made before."""


async def desk(scope: Scope, receive: Receive, send: Send) -> None:
    await SERVED[-1](scope, receive, send)


schema = schemathesis.openapi.from_dict(described(), config=SchemathesisConfig.from_dict(CONFIG))
schema.app = desk


@dataclass(frozen=True)
class Served:
    """What a program sends that may everything at a café one pass old, and the tickets there."""

    headers: dict[str, str]
    tickets: list[int]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in STAND_IN_ENV.items():
            patch.setenv(name, value)
        rig = Rig(tmp_path_factory.mktemp("schema"), World.demo(NOON))
        rig.run()
        SERVED.append(create_app(rig.app))
        secret = token(rig, "crm", tuple(Grant))
        yield Served({"Authorization": f"Bearer {secret}"}, [view.ticket for view in rig.everything()])
        rig.app.close()


@schema.parametrize()
def test_every_answer_is_one_of_the_document(case: schemathesis.Case[Any], served: Served) -> None:
    aim(case, served)
    answer = case.call_and_validate(headers=served.headers, excluded_checks=[positive_data_acceptance])
    if is_right(case) and answer.status_code in (400, 422):
        told = answer.json()
        by_content = told["code"] in ("refused", "key-reused") or told["errors"][0]["code"] == "cursor"
        assert by_content, told


def is_right(case: schemathesis.Case[Any]) -> bool:
    """Whether it was made as the document wants it."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def aim(case: schemathesis.Case[Any], served: Served) -> None:
    """At what is there, most of the time: of all numbers few are those of tickets. Each request is its own."""
    number = next(NUMBERS)
    key = case.headers.get("Idempotency-Key", "")
    if re.fullmatch("[!-~]{1,255}", key):
        case.headers["Idempotency-Key"] = f"{key[:200]}{number}"
    if is_right(case) and number % 4:
        case.headers.pop("If-Match", None)
        for name in case.path_parameters:
            case.path_parameters[name] = served.tickets[number % len(served.tickets)]


def test_one_thing_after_another_is_answered_as_the_document_says(served: Served) -> None:
    """Along the links of the document: a list, one of it, something done to it."""

    class Steps(schema.as_state_machine()):  # type: ignore[misc]  # made of the document
        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"headers": served.headers}

        def before_call(self, case: schemathesis.Case[Any]) -> None:
            case.headers.pop("If-Match", None)
            case.headers["Idempotency-Key"] = f"step-{next(NUMBERS)}"

        def validate_response(self, response: Any, case: schemathesis.Case[Any], **_: Any) -> None:
            case.validate_response(response, excluded_checks=[positive_data_acceptance])

    run_state_machine_as_test(
        Steps,
        settings=settings(
            max_examples=10,
            stateful_step_count=6,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
