import java.util.*;

public class Main {
    static void settle(int[][] sand) {
        Deque<int[]> waiting = new ArrayDeque<>();
        for (int y = 0; y < sand.length; y++) {
            for (int x = 0; x < sand[y].length; x++) waiting.push(new int[] {y, x});
        }
        int[][] steps = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
        while (!waiting.isEmpty()) {
            int[] here = waiting.pop();
            int times = sand[here[0]][here[1]] / 4;
            if (times == 0) continue;
            sand[here[0]][here[1]] %= 4;
            for (int[] step : steps) {
                int y = here[0] + step[0], x = here[1] + step[1];
                if (y < 0 || x < 0 || y >= sand.length || x >= sand[y].length) continue;
                sand[y][x] += times;
                waiting.push(new int[] {y, x});
            }
        }
    }
}
