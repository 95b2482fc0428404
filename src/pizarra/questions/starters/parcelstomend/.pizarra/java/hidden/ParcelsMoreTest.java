import java.util.List;

public class ParcelsMoreTest {
    public static void main(String[] given) throws Exception {
        Check check = new Check();
        check.test("a list of one line", () -> {
            List<Parcel> parcels = Parcels.read("A1;1;city");
            Check.same(List.of(new Parcel("A1", 1, "city")), parcels);
        });
        check.test("a list of nothing", () -> {
            List<Parcel> parcels = Parcels.read("# nobody\n\n");
            Check.same(List.of(), parcels);
        });
        check.test("limits belong to what is below them", () -> {
            List<Parcel> parcels = Parcels.read("A;500;city\nB;2000;city\nC;10000;city\n");
            Check.same(List.of("C 900", "B 500", "A 350", "total 1750"), Report.of(parcels));
        });
        check.test("a gram more is the next step", () -> {
            List<Parcel> parcels = Parcels.read("A;501;city\nB;2001;city\n");
            Check.same(List.of("B 900", "A 500", "total 1400"), Report.of(parcels));
        });
        check.test("a kilogram begun counts", () -> {
            List<Parcel> parcels = Parcels.read("A;10001;city\nB;11000;city\nC;11001;city\n");
            Check.same(List.of("C 1140", "B 1020", "A 1020", "total 3180"), Report.of(parcels));
        });
        check.test("nine parcels pay all", () -> {
            List<Parcel> parcels = Parcels.read("A;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\n");
            Check.same(List.of("A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "total 3150"), Report.of(parcels));
        });
        check.test("ten parcels pay less", () -> {
            List<Parcel> parcels = Parcels.read("A;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\n");
            Check.same(List.of("A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "total 3325"), Report.of(parcels));
        });
        check.test("cents are rounded down once, at the end", () -> {
            List<Parcel> parcels = Parcels.read("A;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\nA;1;city\n");
            Check.same(List.of("A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "A 350", "total 3657"), Report.of(parcels));
        });
        check.test("those of one weight stay in their order", () -> {
            List<Parcel> parcels = Parcels.read("B;5;city\nA;5;country\nC;9;city\nD;5;city\n");
            Check.same(List.of("C 350", "B 350", "A 450", "D 350", "total 1500"), Report.of(parcels));
        });
        check.test("nothing of a report is in the next", () -> {
            List<Parcel> parcels = Parcels.read("A;1;city\n");
            Report.of(parcels);
            Check.same(List.of("A 350", "total 350"), Report.of(parcels));
        });
        check.done();
    }
}
