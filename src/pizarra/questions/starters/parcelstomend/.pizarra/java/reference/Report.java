import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The report of a day. */
class Report {
    /** The lines of a report. */
    static List<String> of(List<Parcel> parcels) {
        List<String> lines = new ArrayList<>();
        for (Parcel each : heaviestFirst(parcels)) lines.add(each.code() + " " + Prices.price(each));
        lines.add("total " + Prices.total(parcels));
        return lines;
    }

    static List<Parcel> heaviestFirst(List<Parcel> parcels) {
        List<Parcel> sorted = new ArrayList<>(parcels);
        sorted.sort(Comparator.comparingInt(Parcel::grams).reversed());
        return sorted;
    }
}
