#include "cache.hpp"
#include "check.hpp"
#include "clock.hpp"

int main() {
    Check check;
    check.test("reading is a use", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        cache.put("b", 2);
        same(1, cache.get("a"));
        cache.put("c", 3);
        same(1, cache.get("a"));
        same(std::nullopt, cache.get("b"));
    });
    check.test("putting again is a use", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        cache.put("b", 2);
        cache.put("a", 3);
        cache.put("c", 4);
        same(3, cache.get("a"));
        same(std::nullopt, cache.get("b"));
    });
    check.test("putting again needs no room", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        cache.put("b", 2);
        cache.put("b", 3);
        same(1, cache.get("a"));
        same(3, cache.get("b"));
        same(2, cache.size());
    });
    check.test("asking for what is not there is no use", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        cache.put("b", 2);
        same(std::nullopt, cache.get("x"));
        same(2, cache.size());
        cache.put("c", 3);
        same(2, cache.get("b"));
        same(3, cache.get("c"));
    });
    check.test("it is gone at its time, and not before", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        clock.advance(4.5);
        same(1, cache.get("a"));
        clock.advance(0.5);
        same(std::nullopt, cache.get("a"));
    });
    check.test("putting again begins its time anew", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        clock.advance(4);
        cache.put("a", 2);
        clock.advance(4);
        same(2, cache.get("a"));
        clock.advance(1);
        same(std::nullopt, cache.get("a"));
    });
    check.test("reading does not make it younger", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        clock.advance(4);
        same(1, cache.get("a"));
        clock.advance(1);
        same(std::nullopt, cache.get("a"));
    });
    check.test("what is gone takes no room", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        clock.advance(3);
        cache.put("b", 2);
        same(1, cache.get("a"));
        clock.advance(2);
        cache.put("c", 3);
        same(2, cache.get("b"));
        same(3, cache.get("c"));
    });
    check.test("what is gone is not counted", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        clock.advance(3);
        cache.put("b", 2);
        same(2, cache.size());
        clock.advance(2);
        same(1, cache.size());
        clock.advance(3);
        same(0, cache.size());
    });
    check.test("a value may be nothing much", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 0);
        same(0, cache.get("a"));
        same(0, cache.get("a", 7));
    });
    return check.done();
}
