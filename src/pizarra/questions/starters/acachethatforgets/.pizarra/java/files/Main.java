public class Main {
    public static void main(String[] given) {
        Cache<Integer> cache = new Cache<>(2, 60, new Clock());
        cache.put("ana", 1);
        cache.put("ben", 2);
        cache.get("ana");
        cache.put("cid", 3);
        System.out.println(cache.get("ana") + " " + cache.get("ben") + " " + cache.get("cid") + " " + cache.size());
    }
}
