public class CacheMoreTest {
    public static void main(String[] given) throws Exception {
        Check check = new Check();
        check.test("reading is a use", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            cache.put("b", 2);
            Check.same(1, cache.get("a"));
            cache.put("c", 3);
            Check.same(1, cache.get("a"));
            Check.same(null, cache.get("b"));
        });
        check.test("putting again is a use", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            cache.put("b", 2);
            cache.put("a", 3);
            cache.put("c", 4);
            Check.same(3, cache.get("a"));
            Check.same(null, cache.get("b"));
        });
        check.test("putting again needs no room", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            cache.put("b", 2);
            cache.put("b", 3);
            Check.same(1, cache.get("a"));
            Check.same(3, cache.get("b"));
            Check.same(2, cache.size());
        });
        check.test("asking for what is not there is no use", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            cache.put("b", 2);
            Check.same(null, cache.get("x"));
            Check.same(2, cache.size());
            cache.put("c", 3);
            Check.same(2, cache.get("b"));
            Check.same(3, cache.get("c"));
        });
        check.test("it is gone at its time, and not before", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            clock.advance(4.5);
            Check.same(1, cache.get("a"));
            clock.advance(0.5);
            Check.same(null, cache.get("a"));
        });
        check.test("putting again begins its time anew", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            clock.advance(4);
            cache.put("a", 2);
            clock.advance(4);
            Check.same(2, cache.get("a"));
            clock.advance(1);
            Check.same(null, cache.get("a"));
        });
        check.test("reading does not make it younger", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            clock.advance(4);
            Check.same(1, cache.get("a"));
            clock.advance(1);
            Check.same(null, cache.get("a"));
        });
        check.test("what is gone takes no room", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            clock.advance(3);
            cache.put("b", 2);
            Check.same(1, cache.get("a"));
            clock.advance(2);
            cache.put("c", 3);
            Check.same(2, cache.get("b"));
            Check.same(3, cache.get("c"));
        });
        check.test("what is gone is not counted", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            clock.advance(3);
            cache.put("b", 2);
            Check.same(2, cache.size());
            clock.advance(2);
            Check.same(1, cache.size());
            clock.advance(3);
            Check.same(0, cache.size());
        });
        check.test("a value may be nothing much", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 0);
            Check.same(0, cache.get("a"));
            Check.same(0, cache.get("a", 7));
        });
        check.done();
    }
}
