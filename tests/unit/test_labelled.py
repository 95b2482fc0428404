"""Figures of several processes in one text, as Prometheus takes it."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from pizarra.http.labelled import labelled


def figures(rooms: int, *, route: str = 'a "quoted\n# HELP pizarra_rooms } {route') -> bytes:
    registry = CollectorRegistry()
    Gauge("pizarra_rooms", "Rooms.", registry=registry).set(rooms)
    Counter("pizarra_asked", "Requests.", ["route"], registry=registry).labels(route).inc(rooms)
    Histogram("pizarra_seconds", "Time.", buckets=(1,), registry=registry).observe(rooms)
    return generate_latest(registry)


def test_each_sample_says_whose_it_is() -> None:
    first = figures(3)
    alone = list(text_string_to_metric_families(first.decode()))
    both = list(text_string_to_metric_families(labelled({2: figures(5), 1: first}).decode()))
    assert [family.name for family in both] == [family.name for family in alone]
    for one, two in zip(alone, both, strict=True):
        assert (one.type, one.documentation) == (two.type, two.documentation)
        of_first = [each for each in two.samples if each.labels["worker"] == "1"]
        expected = [(each.name, {**each.labels, "worker": "1"}, each.value) for each in one.samples]
        assert [(each.name, each.labels, each.value) for each in of_first] == expected
        assert len(two.samples) == 2 * len(one.samples)


def test_what_one_alone_counts_is_told() -> None:
    registry = CollectorRegistry()
    Gauge("pizarra_other", "Something else.", registry=registry)
    text = labelled({1: figures(3), 2: generate_latest(registry)}).decode()
    assert 'pizarra_other{worker="2"} 0.0' in text
