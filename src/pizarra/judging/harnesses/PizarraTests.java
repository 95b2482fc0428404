import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Has a test program run, and tells what it reported; see `pizarra_tests.py`, which does the same. */
class PizarraTests {
    static final long MILLIS = (long) (__SECONDS__ * 1000);
    static final int MOST_BYTES = __MOST_BYTES__;
    static final long OUR_MEBIBYTES = 64;

    /** Never called: it has the test compiled, and what runs it, and loads nothing. */
    static Class<?>[] tests() {
        return new Class<?>[] {__TEST__.class, __MAIN__.class};
    }

    public static void main(String[] given) throws Exception {
        Path report = Path.of(System.getProperty("java.io.tmpdir"), "pizarra-" + ProcessHandle.current().pid() + ".xml");
        long heap = Math.max(32, Runtime.getRuntime().maxMemory() / 1048576 - OUR_MEBIBYTES);
        ProcessBuilder told = new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java", "-XX:+UseSerialGC", "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1", "-Xms16m", "-Xmx" + heap + "m", "-XX:ThreadStackSize=1024",
                "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Dstderr.encoding=UTF-8",
                "-cp", System.getProperty("java.class.path"), "__MAIN__", "__TEST__");
        told.environment().put("XML_OUTPUT_FILE", report.toString());
        told.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        told.redirectOutput(ProcessBuilder.Redirect.INHERIT);
        told.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process tests = told.start();
        String how = "done";
        if (!tests.waitFor(MILLIS, TimeUnit.MILLISECONDS)) {
            how = "timeout";
            tests.destroyForcibly().waitFor();
        }
        tell(how, reported(report));
    }

    static byte[] reported(Path report) throws IOException {
        if (!Files.isRegularFile(report)) return new byte[0];
        try (InputStream file = Files.newInputStream(report)) {
            return file.readNBytes(MOST_BYTES);
        }
    }

    static void tell(String how, byte[] report) throws IOException {
        String word = new String(System.in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        framed.writeBytes(("\u001f" + word + " " + how + "\n").getBytes(StandardCharsets.US_ASCII));
        framed.writeBytes(report);
        framed.writeBytes(("\n\u001f" + word + " .\n").getBytes(StandardCharsets.US_ASCII));
        System.out.write(framed.toByteArray());
        System.out.flush();
    }
}
