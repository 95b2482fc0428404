import java.util.*;

public class Main {
    static int[][] freeTimes(int[][] busy, int opens, int closes) {
        int[][] sorted = busy.clone();
        Arrays.sort(sorted, Comparator.comparingInt(each -> each[0]));
        List<int[]> free = new ArrayList<>();
        int until = opens;
        for (int[] each : sorted) {
            if (each[0] >= closes) break;
            if (each[0] > until) free.add(new int[] {until, each[0]});
            until = Math.max(until, each[1]);
        }
        if (until < closes) free.add(new int[] {until, closes});
        return free.toArray(new int[0][]);
    }
}
