import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Has JUnit's platform run a test class that has no `main`, and reports each test by the name that JUnit shows. */
class PizarraJUnit implements TestExecutionListener {
    static final int MOST_TEXT = 4000;

    final StringBuilder report = new StringBuilder("<testsuite>\n");
    final Map<String, Long> began = new HashMap<>();
    TestPlan plan;

    public static void main(String[] given) throws Exception {
        PizarraJUnit told = new PizarraJUnit();
        LauncherFactory.create().execute(
                LauncherDiscoveryRequestBuilder.request().selectors(DiscoverySelectors.selectClass(given[0])).build(),
                told);
        System.out.flush();
        told.report.append("</testsuite>\n");
        byte[] whole = told.report.toString().getBytes(StandardCharsets.UTF_8);
        Files.write(Path.of(System.getenv("XML_OUTPUT_FILE")), whole);
        System.exit(0); // whatever threads the tests left
    }

    @Override
    public void testPlanExecutionStarted(TestPlan all) {
        plan = all;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        began.put(test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        tell(test, "skipped", reason, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Throwable error = result.getThrowable().orElse(null);
        if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
            if (test.isTest()) tell(test, null, "", "");
            return; // what is around tests is told of only when it is broken
        }
        String how = result.getStatus() == TestExecutionResult.Status.ABORTED ? "skipped"
                : error instanceof AssertionError ? "failure" : "error";
        tell(test, how, error == null ? "" : String.valueOf(error.getMessage()), error == null ? "" : traced(error));
    }

    void tell(TestIdentifier test, String how, String brief, String said) {
        long nanos = System.nanoTime() - began.getOrDefault(test.getUniqueId(), System.nanoTime());
        report.append("<testcase name=\"").append(escaped(name(test))).append("\" time=\"")
                .append(nanos / 1_000_000_000).append('.').append(String.format("%09d", nanos % 1_000_000_000)).append("\">");
        if (how != null) {
            report.append('<').append(how).append(" message=\"").append(escaped(brief)).append("\">")
                    .append(escaped(said)).append("</").append(how).append('>');
        }
        report.append("</testcase>\n");
    }

    /** A case of a test that has parameters says of which test it is: it is called `[1] 2, 3`, as others are. */
    String name(TestIdentifier test) {
        TestIdentifier around = plan.getParent(test).orElse(null);
        boolean isCase = test.isTest() && around != null && around.getUniqueId().contains("/[test-template:");
        return isCase ? around.getDisplayName() + " " + test.getDisplayName() : test.getDisplayName();
    }

    /** What an error says, without what JUnit and Java did. */
    static String traced(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text, true));
        StringBuilder kept = new StringBuilder();
        for (String line : text.toString().split("\\R"))
            if (!line.startsWith("\tat org.junit.") && !line.startsWith("\tat java.base/")) kept.append(line).append('\n');
        return kept.toString();
    }

    static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        text.substring(0, Math.min(text.length(), MOST_TEXT)).codePoints().forEach(each -> {
            boolean isShown = each >= 0x20 && each < 0xd800 || each >= 0xe000 && each <= 0xfffd || each >= 0x10000;
            if (each == '\t' || each == '\n' || each == '\r' || "<>&\"".indexOf(each) >= 0)
                out.append("&#").append(each).append(';');
            else out.appendCodePoint(isShown ? each : 0xfffd);
        });
        return out.toString();
    }
}
