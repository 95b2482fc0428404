"""A session, a run and a timeline with what openapi-generator's `python` makes of our document."""

import sys

from openapi_client import (  # type: ignore[import-not-found]
    ApiClient,
    Configuration,
    EditEntry,
    RunsApi,
    SessionCreate,
    SessionsApi,
    TimelineApi,
)

client = ApiClient(Configuration(host=sys.argv[1]))
session = SessionsApi(client).create_session(
    session_create=SessionCreate(initial_code="print(42)\n")
)
run = RunsApi(client).start_run(session.session_id, wait=True)
assert (run.stdout, run.status) == ("42\n", "exited"), run
kinds = ["edit", "run.started"]
entries = TimelineApi(client).read_timeline(session.session_id, kinds=kinds)
assert [each.actual_instance.kind for each in entries] == kinds
assert isinstance(entries[0].actual_instance, EditEntry)
