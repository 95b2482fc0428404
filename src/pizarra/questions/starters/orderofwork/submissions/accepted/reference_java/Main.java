import java.util.*;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt(), m = in.nextInt();
        int[] waits = new int[n + 1];
        List<List<Integer>> after = new ArrayList<>();
        for (int task = 0; task <= n; task++) after.add(new ArrayList<>());
        for (int i = 0; i < m; i++) {
            int a = in.nextInt(), b = in.nextInt();
            after.get(a).add(b);
            waits[b]++;
        }
        PriorityQueue<Integer> ready = new PriorityQueue<>();
        for (int task = 1; task <= n; task++) if (waits[task] == 0) ready.add(task);
        StringJoiner order = new StringJoiner(" ");
        int done = 0;
        while (!ready.isEmpty()) {
            int task = ready.poll();
            order.add(Integer.toString(task));
            done++;
            for (int each : after.get(task)) if (--waits[each] == 0) ready.add(each);
        }
        System.out.println(done == n ? order.toString() : "impossible");
    }
}
