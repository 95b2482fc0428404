import java.util.List;
import java.util.Map;

/** What parcels cost, in cents. */
class Prices {
    /** Up to so many grams it costs so much. */
    static final int[][] STEPS = {{500, 350}, {2000, 500}, {10000, 900}};
    static final int BEYOND = 120; // for each kilogram that is begun
    static final Map<String, Integer> ZONES = Map.of("city", 0, "country", 100, "islands", 400);

    static int price(Parcel parcel) {
        return byWeight(parcel.grams()) + ZONES.get(parcel.zone());
    }

    static int byWeight(int grams) {
        for (int[] step : STEPS) {
            if (grams <= step[0]) return step[1];
        }
        int[] last = STEPS[STEPS.length - 1];
        return last[1] + (grams - last[0] + 999) / 1000 * BEYOND;
    }

    static int total(List<Parcel> parcels) {
        int cents = parcels.stream().mapToInt(Prices::price).sum();
        return parcels.size() >= 10 ? cents * 95 / 100 : cents;
    }
}
