import java.util.*;

public class Main {
    static long firstFree(long[] taken) {
        Set<Long> known = new HashSet<>();
        for (long each : taken) known.add(each);
        long free = 1;
        while (known.contains(free)) free++;
        return free;
    }
}
