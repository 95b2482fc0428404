import java.util.*;

public class Main {
    static int minutes(String clock) {
        return Integer.parseInt(clock.substring(0, 2)) * 60 + Integer.parseInt(clock.substring(3));
    }

    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt(), total = 0;
        for (int i = 0; i < n; i++) {
            int start = minutes(in.next()), end = minutes(in.next());
            total += end > start ? end - start : end - start + 1440;
        }
        System.out.printf("%d:%02d%n", total / 60, total % 60);
    }
}
