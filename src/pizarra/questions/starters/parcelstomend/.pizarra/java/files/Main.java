public class Main {
    static final String LIST = """
        A1; 480; city
        B2; 2000; country   # fragile

        C3; 12300; islands
        """;

    public static void main(String[] given) {
        System.out.println(String.join("\n", Report.of(Parcels.read(LIST))));
    }
}
