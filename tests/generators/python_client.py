"""A session, a run and a timeline with what openapi-python-client makes of our document (as the package `made`)."""

import sys

from made import Client  # type: ignore[import-not-found]
from made.api.runs import list_runs, start_run  # type: ignore[import-not-found]
from made.api.sessions import create_session  # type: ignore[import-not-found]
from made.api.timeline import read_timeline  # type: ignore[import-not-found]
from made.models import EditEntry, SessionCreate  # type: ignore[import-not-found]

client = Client(base_url=sys.argv[1])
session = create_session.sync(client=client, body=SessionCreate(initial_code="print(42)\n"))
run = start_run.sync(session.session_id, client=client, wait=True)
assert (run.stdout, run.status.value) == ("42\n", "exited"), run
assert [each.run_id for each in list_runs.sync(session.session_id, client=client)] == [run.run_id]
(first,) = read_timeline.sync(session.session_id, client=client, limit=1)
assert isinstance(first, EditEntry), first
assert first.data.update
assert create_session.sync(client=client).language.value == "python"
