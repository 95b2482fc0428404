import java.util.List;

public class ParcelsTest {
    public static void main(String[] given) throws Exception {
        Check check = new Check();
        check.test("a list is read", () -> {
            List<Parcel> parcels = Parcels.read("A1; 480; city\n\nB2;2000;country # fragile\n");
            Check.same(List.of(new Parcel("A1", 480, "city"), new Parcel("B2", 2000, "country")), parcels);
        });
        check.test("a report has a line for each parcel and the total", () -> {
            List<Parcel> parcels = Parcels.read("A1;480;city\nB2;12300;islands\nC3;700;country\n");
            Check.same(List.of("B2 1660", "C3 600", "A1 350", "total 2610"), Report.of(parcels));
        });
        check.test("a last line without a line end counts", () -> {
            List<Parcel> parcels = Parcels.read("A1;480;city\nB2;20;city");
            Check.same(List.of(new Parcel("A1", 480, "city"), new Parcel("B2", 20, "city")), parcels);
        });
        check.done();
    }
}
