#include "cache.hpp"
#include "check.hpp"
#include "clock.hpp"

int main() {
    Check check;
    check.test("what was put is there", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        cache.put("b", 2);
        same(1, cache.get("a"));
        same(2, cache.get("b"));
        same(2, cache.size());
    });
    check.test("what was never put is not there", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        same(std::nullopt, cache.get("a"));
        same(7, cache.get("a", 7));
    });
    check.test("what was not used for longest goes first", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        cache.put("b", 2);
        cache.put("c", 3);
        same(std::nullopt, cache.get("a"));
        same(2, cache.get("b"));
        same(3, cache.get("c"));
    });
    check.test("after its time it is gone", [] {
        HandClock clock;
        Cache<int> cache(2, 5, clock);
        cache.put("a", 1);
        clock.advance(6);
        same(std::nullopt, cache.get("a"));
    });
    return check.done();
}
