import java.util.*;

public class Main {
    static Map<String, Integer> headCount(Map<String, String> boss) {
        Map<String, Integer> below = new HashMap<>();
        for (String name : boss.keySet()) below.put(name, 0);
        for (String name : boss.values()) below.put(name, 0);
        for (String person : boss.keySet()) {
            for (String above = boss.get(person); above != null; above = boss.get(above)) {
                below.merge(above, 1, Integer::sum);
            }
        }
        return below;
    }
}
