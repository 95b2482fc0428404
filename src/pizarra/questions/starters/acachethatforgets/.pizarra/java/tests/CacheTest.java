public class CacheTest {
    public static void main(String[] given) throws Exception {
        Check check = new Check();
        check.test("what was put is there", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            cache.put("b", 2);
            Check.same(1, cache.get("a"));
            Check.same(2, cache.get("b"));
            Check.same(2, cache.size());
        });
        check.test("what was never put is not there", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            Check.same(null, cache.get("a"));
            Check.same(7, cache.get("a", 7));
        });
        check.test("what was not used for longest goes first", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            cache.put("b", 2);
            cache.put("c", 3);
            Check.same(null, cache.get("a"));
            Check.same(2, cache.get("b"));
            Check.same(3, cache.get("c"));
        });
        check.test("after its time it is gone", () -> {
            HandClock clock = new HandClock();
            Cache<Integer> cache = new Cache<>(2, 5, clock);
            cache.put("a", 1);
            clock.advance(6);
            Check.same(null, cache.get("a"));
        });
        check.done();
    }
}
