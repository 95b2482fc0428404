import java.util.*;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt();
        long[] events = new long[2 * n];
        for (int i = 0; i < 2 * n; i++) events[i] = in.nextLong() * 2 + (i % 2 == 0 ? 1 : 0);
        Arrays.sort(events);
        int most = 0, here = 0;
        for (long each : events) {
            here += each % 2 == 1 ? 1 : -1;
            most = Math.max(most, here);
        }
        System.out.println(most);
    }
}
