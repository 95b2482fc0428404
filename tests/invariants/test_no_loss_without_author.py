"""No acknowledged loss without its author: who leaves right after the acknowledgement has nothing to come back for."""

import httpx2
from tests.harness.peer import connect_peer
from tests.harness.rooms import create, url_of
from tests.harness.server import ServerProcess


async def test_a_candidate_who_closes_the_tab_after_saved_loses_nothing(
    server: ServerProcess,
) -> None:
    session = create(server, "")
    async with connect_peer(url_of(server, session)) as author:
        await author.wait_acknowledged(await author.insert(0, "return 42"))
        server.kill()  # the moment the author could read "saved"; the browser goes with it
    server.start()
    async with connect_peer(url_of(server, session)) as reader:
        assert str(reader.text) == "return 42"
    path = f"{server.url}/api/sessions/{session['session_id']}/files/main.py"
    assert httpx2.get(path).text == "return 42"
