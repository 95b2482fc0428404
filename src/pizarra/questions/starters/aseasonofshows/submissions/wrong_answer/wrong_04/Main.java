public class Main {
    static long bestSeason(int[] income, int rest) {
        int[] best = new int[income.length + 1];
        for (int day = 0; day < income.length; day++) {
            best[day + 1] = Math.max(best[day], income[day] + best[Math.max(0, day - rest)]);
        }
        return best[income.length];
    }
}
