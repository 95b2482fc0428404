"""PostgreSQL's address gets to the driver as it was meant: what it makes of it is asked of the driver's own reader."""

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args as read_by_driver
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import ArgumentError

from pizarra.storage.postgres_address import (
    AddressError,
    connect_arguments,
    describe,
    read_address,
)

_ASKED = (
    *("host", "port", "user", "password", "passfile", "database", "ssl", "service", "servicefile"),
    *("direct_tls", "server_settings", "target_session_attrs", "krbsrvname", "gsslib"),
)
PLACE = "postgresql://ana:secret@db.example/pizarra"


def meant(address: str) -> tuple[list[Any], Any]:
    """Return where the driver goes, and as whom."""
    arguments = connect_arguments(read_address(address))
    given = {**dict.fromkeys(_ASKED), "ssl": arguments.get("ssl"), "dsn": arguments["dsn"]}
    places, parameters = read_by_driver(**given)
    return places, parameters


# Where it leads


@pytest.mark.parametrize(
    ("hosts", "places"),
    [
        ("db.example", [("db.example", 5432)]),
        ("db.example:6000", [("db.example", 6000)]),
        ("[2001:db8::1]", [("2001:db8::1", 5432)]),
        ("[2001:db8::1]:6000", [("2001:db8::1", 6000)]),
        ("[fe80::1%25e0]", [("fe80::1%e0", 5432)]),
        ("one,two:6000", [("one", 5432), ("two", 6000)]),
        ("one,[::1]:6000,three", [("one", 5432), ("::1", 6000), ("three", 5432)]),
        ("%2Frun%2Fpostgresql", ["/run/postgresql/.s.PGSQL.5432"]),
        ("%2Frun%2Fpostgresql:6000", ["/run/postgresql/.s.PGSQL.6000"]),
        ("%2Frun%2Fa,two", ["/run/a/.s.PGSQL.5432", ("two", 5432)]),
    ],
)
@pytest.mark.parametrize("user", ["", "ana@", "ana:a%2Cb@", "ana:a,b@"])
def test_each_place_is_the_one_that_was_written(
    hosts: str, places: list[object], user: str
) -> None:
    """A socket's folder stands before the name as libpq has it, `%2Frun%2Fpostgresql`: it was taken for a host."""
    found, parameters = meant(f"postgresql://{user}{hosts}/pizarra")
    assert found == places
    assert parameters.database == "pizarra"


def test_a_place_may_stand_among_the_parameters() -> None:
    found, parameters = meant("postgresql:///pizarra?host=/run/a,two&port=6000&user=ana")
    assert found == ["/run/a/.s.PGSQL.6000", ("two", 6000)]
    assert parameters.user == "ana"


NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(NAMES, NAMES, NAMES, st.sampled_from(["db.example", "one,two", "[::1]:6000"]))
def test_names_and_passwords_arrive_letter_by_letter(
    user: str, password: str, database: str, hosts: str
) -> None:
    user_, password_, database_ = (quote(each, safe="") for each in (user, password, database))
    _, told = meant(f"postgresql://{user_}:{password_}@{hosts}/{database_}")
    assert (told.user, told.password, told.database) == (user, password, database)


@given(NAMES)
def test_what_is_for_the_server_arrives_letter_by_letter(value: str) -> None:
    _, told = meant(f"{PLACE}?application_name={quote(value)}&options={quote(value)}")
    assert told.server_settings == {"application_name": value, "options": value}


# What is asked of it


@pytest.mark.parametrize(
    ("parameters", "more"),
    [
        ("", {}),
        ("connect_timeout=7", {"timeout": 7}),
        ("connect_timeout=0", {"timeout": None}),  # libpq: without end
        ("statement_cache_size=0", {"statement_cache_size": 0}),
        ("prepared_statement_cache_size=20", {"prepared_statement_cache_size": 20}),
        ("sslsni=1&keepalives=1&channel_binding=PREFER", {}),
        ("client_encoding=UTF8", {}),
    ],
)
def test_what_the_driver_takes_beside_the_address(parameters: str, more: dict[str, Any]) -> None:
    arguments = connect_arguments(read_address(f"{PLACE}?{parameters}"))
    assert arguments.pop("dsn") == PLACE
    assert arguments == more


@pytest.mark.parametrize(
    ("parameters", "mode"),
    [
        ("ssl=true", "require"),
        ("ssl=FALSE", "disable"),
        ("ssl=verify-full", "verify-full"),
        ("ssl=true&sslmode=verify-ca", "verify-ca"),  # the field's own word counts
        ("sslmode=require&sslmode=disable", "disable"),  # the last, as libpq has it
    ],
)
def test_how_the_line_is_protected_is_said_once(parameters: str, mode: str) -> None:
    dsn = connect_arguments(read_address(f"{PLACE}?{parameters}"))["dsn"]
    assert dsn == f"{PLACE}?sslmode={mode}"


def test_a_name_that_others_would_use_is_left_to_who_says_one() -> None:
    for parameters, name in (
        ("fallback_application_name=b", "b"),
        ("fallback_application_name=b&application_name=a", "a"),
    ):
        _, told = meant(f"{PLACE}?{parameters}")
        assert told.server_settings == {"application_name": name}


def test_the_machines_own_trust_is_full_trust() -> None:
    for parameters in ("sslrootcert=system", "sslrootcert=system&sslmode=verify-full"):
        arguments = connect_arguments(read_address(f"{PLACE}?{parameters}"))
        assert arguments["dsn"] == PLACE
        assert arguments["ssl"].verify_mode is ssl.CERT_REQUIRED
        assert arguments["ssl"].check_hostname
    for mode in ("disable", "allow", "prefer", "require", "verify-ca"):
        with pytest.raises(AddressError, match="sslmode=verify-full, or no sslmode"):
            connect_arguments(read_address(f"{PLACE}?sslrootcert=system&sslmode={mode}"))


# What is refused


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ("sslmode=Require", "write one of disable"),
        ("ssl=maybe", "sslmode=maybe; write one of"),
        ("connect_timeout=-1", "write a whole number"),
        ("connect_timeout=1.5", "write a whole number"),
        ("connect_timeout=²", "write a whole number"),
        ("sslsni=0", "cannot do"),
        ("sslkey=/no/such/key", "there is no such file"),
        ("ssl_password=hunter2", "ssl_password=…, which"),
        ("nonsense=" + "x" * 5000, "x" * 200 + ", which"),
        ("x" * 5000 + "=1", "x" * 200 + "=1, which"),
    ],
)
def test_what_cannot_be_had_is_refused_in_a_sentence_without_secrets(
    parameters: str, says: str
) -> None:
    """Who asks for a protection must not go without it unnoticed."""
    with pytest.raises(AddressError) as refused:
        connect_arguments(read_address(f"{PLACE}?{parameters}"))
    assert says in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert len(str(refused.value)) < 800


def test_a_key_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "cert").write_text("no certificate")
    with pytest.raises(AddressError, match="sslcert and sslkey cannot be used"):
        connect_arguments(read_address(f"{PLACE}?sslrootcert=system&sslcert={tmp_path}/cert"))


@pytest.mark.parametrize("address", ["", "pizarra", "postgresql://host:port/x", "://host"])
def test_what_is_no_address_does_not_parse(address: str) -> None:
    with pytest.raises(ArgumentError):
        read_address(address)


# How it is shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (PLACE, "postgresql://ana@db.example/pizarra"),
        (f"{PLACE}?password=hidden&sslpassword=hidden", "postgresql://ana@db.example/pizarra"),
        ("postgresql+asyncpg://one:1,two:2/x?sslmode=require", "postgresql://one:1,two:2/x"),
        ("postgres://ana:hidden@[::1]:6000", "postgresql://ana@::1:6000/"),
        ("postgres://ana:hid,den@%2Frun/x", "postgresql://ana@/run/x"),
    ],
)
def test_people_see_where_it_is_and_no_secret(address: str, shown: str) -> None:
    assert describe(read_address(address)) == shown
