import java.util.*;

public class Main {
    record Place(int paid, int town, boolean voucher) {}

    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt(), m = in.nextInt();
        List<List<int[]>> lines = new ArrayList<>();
        for (int town = 0; town <= n; town++) lines.add(new ArrayList<>());
        for (int i = 0; i < m; i++) {
            int a = in.nextInt(), b = in.nextInt(), price = in.nextInt();
            lines.get(a).add(new int[] {b, price});
            lines.get(b).add(new int[] {a, price});
        }
        PriorityQueue<Place> waiting = new PriorityQueue<>(Comparator.comparingInt(Place::paid));
        boolean[][] done = new boolean[n + 1][2];
        waiting.add(new Place(0, 1, true));
        int answer = -1;
        while (!waiting.isEmpty()) {
            Place here = waiting.poll();
            if (here.town == n) {
                answer = here.paid;
                break;
            }
            int has = here.voucher ? 1 : 0;
            if (done[here.town][has]) continue;
            done[here.town][has] = true;
            for (int[] line : lines.get(here.town)) {
                waiting.add(new Place(here.paid + line[1], line[0], here.voucher));
                if (here.voucher) waiting.add(new Place(here.paid, line[0], false));
            }
        }
        System.out.println(answer);
    }
}
