import java.util.ArrayList;
import java.util.List;

/** Parcels, as the list of a day has them. */
class Parcels {
    /** The parcels of a list, `code;grams;zone` on each line. */
    static List<Parcel> read(String text) {
        List<Parcel> parcels = new ArrayList<>();
        for (String whole : text.split("\n", -1)) {
            String line = whole.split("#", 2)[0].strip();
            if (line.isEmpty()) continue;
            String[] parts = line.split(";");
            parcels.add(new Parcel(parts[0].strip(), Integer.parseInt(parts[1].strip()), parts[2].strip()));
        }
        return parcels;
    }
}
