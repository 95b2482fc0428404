import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Runs tests, and writes what came of each as JUnit does, to where XML_OUTPUT_FILE says; else it is printed. */
class Check {
    interface Body {
        void run() throws Exception;
    }

    private final StringBuilder report = new StringBuilder();

    void test(String name, Body body) {
        long began = System.nanoTime();
        String problem = "";
        try {
            body.run();
        } catch (Exception | Error error) {
            String kind = error instanceof AssertionError ? "failure" : "error";
            String brief = error instanceof AssertionError ? error.getMessage() : error.toString();
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace));
            problem = "<" + kind + " message=\"" + escaped(brief) + "\">" + escaped(trace.toString()) + "</" + kind + ">";
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        report.append("<testcase name=\"").append(escaped(name)).append("\" time=\"").append(seconds).append("\">");
        report.append(problem).append("</testcase>\n");
    }

    static void same(Object expected, Object got) {
        if (!Objects.equals(expected, got)) throw new AssertionError("expected " + expected + ", got " + got);
    }

    void done() throws IOException {
        String whole = "<testsuite>\n" + report + "</testsuite>\n";
        String path = System.getenv("XML_OUTPUT_FILE");
        if (path == null) System.out.print(whole);
        else Files.writeString(Path.of(path), whole);
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        String.valueOf(text).codePoints().forEach(each -> {
            if ("&<>\"'\t\r\n".indexOf(each) >= 0) out.append("&#").append(each).append(";");
            else out.appendCodePoint(each < ' ' || each >= 0xd800 && each <= 0xdfff || each == 0xfffe || each == 0xffff ? 0xfffd : each);
        });
        return out.toString();
    }
}
