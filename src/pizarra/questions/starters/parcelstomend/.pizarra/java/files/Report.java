import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The report of a day. */
class Report {
    private static final List<String> lines = new ArrayList<>();

    /** The lines of a report. */
    static List<String> of(List<Parcel> parcels) {
        for (Parcel each : heaviestFirst(parcels)) lines.add(each.code() + " " + Prices.price(each));
        lines.add("total " + Prices.total(parcels));
        return lines;
    }

    static List<Parcel> heaviestFirst(List<Parcel> parcels) {
        List<Parcel> sorted = new ArrayList<>(parcels);
        sorted.sort(Comparator.comparingInt(Parcel::grams));
        Collections.reverse(sorted);
        return sorted;
    }
}
