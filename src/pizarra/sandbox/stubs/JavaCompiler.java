import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * javac that stays: reads sources from standard input and writes classes to standard output, all in memory.
 * Numbers are 4 bytes, big endian; text and bytes come with their length before them.
 * An empty answer comes first, once it is ready. Request: count, then path and source of each. Answer: its length;
 * 1 or 0 for success; count of messages, then severity, path,
 * line, column, end line (0: unknown), end column, text of each; count of classes, then binary name and bytes of each.
 */
public final class JavaCompiler {
    private JavaCompiler() {}

    private static final javax.tools.JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    private static final List<String> OPTIONS = List.of("-proc:none", "-g", "-nowarn", "-Xmaxerrs", "50");

    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(System.in);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        StandardJavaFileManager files = COMPILER.getStandardFileManager(null, Locale.ENGLISH, StandardCharsets.UTF_8);
        String sample =
                "import java.util.*; import java.util.stream.*; public class Main { record P(int a, String b) {}"
                        + " interface Shape { default int area() { return 1; } }"
                        + " public static void main(String[] args) { List<Integer> l = new ArrayList<>();"
                        + " for (int i = 0; i < 9; i++) l.add(i * 2); Map<String, P> m = new HashMap<>();"
                        + " for (var x : l) m.put(\"k\" + x, new P(x, String.valueOf(x)));"
                        + " System.out.println(l.stream().map(x -> x + 1).collect(Collectors.toList()) + m.toString());"
                        + " try (Scanner s = new Scanner(System.in)) { switch (l.size()) { case 1 -> s.next(); default -> {} } } } }";
        for (int round = 0; round < 12; round++) {
            compile(files, List.of(new Source("Main.java", sample)), new DataOutputStream(OutputStream.nullOutputStream()));
        }
        out.writeInt(0);
        out.flush();
        while (true) {
            List<Source> sources = new ArrayList<>();
            try {
                int count = in.readInt();
                for (int index = 0; index < count; index++) sources.add(new Source(text(in), text(in)));
            } catch (EOFException end) {
                return;
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            compile(files, sources, new DataOutputStream(answer));
            out.writeInt(answer.size());
            answer.writeTo(out);
            out.flush();
        }
    }

    private static void compile(StandardJavaFileManager files, List<Source> sources, DataOutputStream out)
            throws IOException {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        Memory memory = new Memory(files);
        boolean ok;
        try {
            ok = COMPILER.getTask(new StringWriter(), memory, found, OPTIONS, null, sources).call();
        } catch (RuntimeException | StackOverflowError failure) {
            ok = false;
        }
        List<Diagnostic<? extends JavaFileObject>> shown = found.getDiagnostics();
        out.writeInt(ok ? 1 : 0);
        out.writeInt(shown.size());
        for (Diagnostic<? extends JavaFileObject> each : shown) {
            boolean known = each.getSource() instanceof Source && each.getLineNumber() != Diagnostic.NOPOS;
            String code = known ? ((Source) each.getSource()).code : "";
            int[] end = known ? position(code, (int) each.getEndPosition()) : new int[] {0, 0};
            put(out, each.getKind() == Diagnostic.Kind.ERROR ? "error" : "warning");
            put(out, known ? ((Source) each.getSource()).path : "");
            out.writeInt(known ? (int) each.getLineNumber() : 0);
            out.writeInt(known ? position(code, (int) each.getPosition())[1] : 0);
            out.writeInt(end[0]);
            out.writeInt(end[1]);
            put(out, each.getMessage(Locale.ENGLISH));
        }
        Map<String, ByteArrayOutputStream> classes = ok ? memory.classes : Map.of();
        out.writeInt(classes.size());
        for (Map.Entry<String, ByteArrayOutputStream> each : classes.entrySet()) {
            put(out, each.getKey());
            out.writeInt(each.getValue().size());
            each.getValue().writeTo(out);
        }
        out.flush();
    }

    /** Line and column of an offset, both from 1. */
    private static int[] position(String code, int offset) {
        int line = 1, start = 0;
        for (int index = 0; index < Math.min(offset, code.length()); index++) {
            if (code.charAt(index) == '\n') {
                line++;
                start = index + 1;
            }
        }
        return new int[] {line, Math.max(offset - start, 0) + 1};
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void put(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static final class Source extends SimpleJavaFileObject {
        final String path;
        final String code;

        Source(String path, String code) {
            super(URI.create("string:///" + encode(path)), Kind.SOURCE);
            this.path = path;
            this.code = code;
        }

        private static String encode(String path) {
            StringBuilder text = new StringBuilder();
            for (byte each : path.getBytes(StandardCharsets.UTF_8)) {
                boolean plain = each > 0 && (Character.isLetterOrDigit(each) || "/._-$".indexOf(each) >= 0);
                text.append(plain ? String.valueOf((char) each) : String.format("%%%02X", each & 0xff));
            }
            return text.toString();
        }

        @Override
        public boolean isNameCompatible(String name, Kind kind) {
            return kind == Kind.SOURCE && (path.equals(name + ".java") || path.endsWith("/" + name + ".java"));
        }

        @Override
        public CharSequence getCharContent(boolean ignoreErrors) {
            return code;
        }
    }

    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        final Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();

        Memory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location where, String name, JavaFileObject.Kind kind, FileObject from) {
            return new SimpleJavaFileObject(URI.create("mem:///class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    classes.put(name, bytes);
                    return bytes;
                }
            };
        }
    }
}
