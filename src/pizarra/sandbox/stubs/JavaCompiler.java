import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * javac that stays: reads sources from standard input and writes classes to standard output, all in memory.
 * Numbers are 4 bytes, big endian; text and bytes come with their length before them.
 * An empty answer comes first, once it is ready. Request: a folder of jars or nothing, count, then path and source of each, the main file first.
 * Answer: its length; 1 or 0 for success; the main file's package; count of messages, then severity, path,
 * line, column, end line (0: unknown), end column, text of each; count of classes, then binary name and bytes of each.
 *
 * As javac does, it compiles the main file and what that needs: classes in files of their names, which javac finds
 * itself, or, if that does not do, in files of other names. What the program does not use may be unfinished.
 */
public final class JavaCompiler {
    private JavaCompiler() {}

    private static final javax.tools.JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    // A class of the program's own is not looked for among the libraries.
    private static final List<String> OPTIONS =
            List.of("-proc:none", "-g", "-nowarn", "-Xmaxerrs", "50", "-implicit:class", "-Xprefer:source", "-cp");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*");

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
            compile(files, "", List.of(new Source("Main.java", sample)), new DataOutputStream(OutputStream.nullOutputStream()));
        }
        out.writeInt(0);
        out.flush();
        while (true) {
            List<Source> sources = new ArrayList<>();
            String libraries;
            try {
                libraries = text(in);
                int count = in.readInt();
                for (int index = 0; index < count; index++) sources.add(new Source(text(in), text(in)));
            } catch (EOFException end) {
                return;
            }
            sources.get(0).isMain = true;
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            compile(files, libraries, sources, new DataOutputStream(answer));
            out.writeInt(answer.size());
            answer.writeTo(out);
            out.flush();
        }
    }

    private static void compile(
            StandardJavaFileManager files, String libraries, List<Source> sources, DataOutputStream out)
            throws IOException {
        List<String> options = new ArrayList<>(OPTIONS);
        options.add(jarsIn(libraries));
        Units units = new Units(files, options, sources);
        Attempt attempt = attempt(files, options, sources, sources.subList(0, 1), units.root);
        List<Source> needed = attempt.ok ? List.of() : units.neededBy(sources.get(0));
        if (needed.size() > 1) attempt = attempt(files, options, sources, needed, units.root);
        boolean ok = attempt.ok;
        List<Diagnostic<? extends JavaFileObject>> shown = attempt.found.getDiagnostics();
        out.writeInt(ok ? 1 : 0);
        put(out, units.mainPackage);
        put(out, String.join("\t", units.mainClasses));
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
        Map<String, ByteArrayOutputStream> classes = ok ? attempt.memory.classes : Map.of();
        out.writeInt(classes.size());
        for (Map.Entry<String, ByteArrayOutputStream> each : classes.entrySet()) {
            put(out, each.getKey());
            out.writeInt(each.getValue().size());
            each.getValue().writeTo(out);
        }
        out.flush();
    }

    private static String jarsIn(String folder) {
        File[] jars = folder.isEmpty() ? null : new File(folder).listFiles((where, name) -> name.endsWith(".jar"));
        if (jars == null) return "";
        Arrays.sort(jars);
        return Arrays.stream(jars).map(File::getPath).collect(Collectors.joining(File.pathSeparator));
    }

    private record Attempt(boolean ok, DiagnosticCollector<JavaFileObject> found, Memory memory) {}

    private static Attempt attempt(
            StandardJavaFileManager files, List<String> options, List<Source> sources, List<Source> named, String root) {
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        Memory memory = new Memory(files, sources, root);
        // What it throws ends this process: its state is not to be trusted any more, and another one is started.
        StringWriter said = new StringWriter();
        boolean ok = COMPILER.getTask(said, memory, found, options, null, named).call();
        // Out of stack or memory it fails without a reason, or says it here.
        if (!ok && (found.getDiagnostics().isEmpty() || said.getBuffer().length() > 0)) System.exit(1);
        return new Attempt(ok, found, memory);
    }

    /** Which file declares what. Also of files that cannot be compiled: their names are wanted for what is said of them. */
    private static final class Units {
        String mainPackage = "";
        final List<String> mainClasses = new ArrayList<>(); // of the main file, in its order
        String root = "";
        private final Map<String, Source> declaredIn = new HashMap<>();

        Units(StandardJavaFileManager files, List<String> options, List<Source> sources) {
            Map<URI, Source> known = new HashMap<>();
            for (Source each : sources) known.put(each.toUri(), each);
            for (CompilationUnitTree unit : parse(files, options, sources)) {
                Source source = known.get(unit.getSourceFile().toUri());
                if (source == sources.get(0) && unit.getPackageName() != null) mainPackage = unit.getPackageName().toString();
                for (Tree type : unit.getTypeDecls()) {
                    if (!(type instanceof ClassTree named)) continue;
                    declaredIn.putIfAbsent(named.getSimpleName().toString(), source);
                    if (source == sources.get(0)) mainClasses.add(named.getSimpleName().toString());
                }
            }
            String folder = folderOf(sources.get(0).path), inside = mainPackage.replace('.', '/');
            if (folder.endsWith("/" + inside)) root = folder.substring(0, folder.length() - inside.length());
            else if (mainPackage.isEmpty() && !folder.isEmpty()) root = folder + "/";
        }

        private static Iterable<? extends CompilationUnitTree> parse(
                StandardJavaFileManager files, List<String> options, List<Source> sources) {
            DiagnosticCollector<JavaFileObject> ignored = new DiagnosticCollector<>();
            try {
                return ((JavacTask) COMPILER.getTask(new StringWriter(), files, ignored, options, null, sources)).parse();
            } catch (IOException | RuntimeException | StackOverflowError failure) {
                return List.of();
            }
        }

        List<Source> neededBy(Source main) {
            LinkedHashSet<Source> needed = new LinkedHashSet<>(List.of(main));
            ArrayDeque<Source> waiting = new ArrayDeque<>(needed);
            while (!waiting.isEmpty()) {
                Matcher words = WORD.matcher(waiting.remove().code);
                while (words.find()) {
                    Source source = declaredIn.get(words.group());
                    if (source != null && needed.add(source)) waiting.add(source);
                }
            }
            return List.copyOf(needed);
        }
    }

    private static String folderOf(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
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
        boolean isMain; // as for `java Main.java`, its public class may have any name

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
            return kind == Kind.SOURCE && (isMain || path.equals(name + ".java") || path.endsWith("/" + name + ".java"));
        }

        @Override
        public CharSequence getCharContent(boolean ignoreErrors) {
            return code;
        }
    }

    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        final Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();

        private final List<Source> sources;
        private final String root;

        Memory(JavaFileManager files, List<Source> sources, String root) {
            super(files);
            this.sources = sources;
            this.root = root;
        }

        @Override
        public boolean hasLocation(Location where) {
            return where == StandardLocation.SOURCE_PATH || super.hasLocation(where);
        }

        @Override
        public Iterable<JavaFileObject> list(Location where, String name, Set<JavaFileObject.Kind> kinds, boolean deeply)
                throws IOException {
            if (where != StandardLocation.SOURCE_PATH) return super.list(where, name, kinds, deeply);
            String inside = name.replace('.', '/');
            List<JavaFileObject> found = new ArrayList<>();
            for (Source each : sources) {
                String folder = folderOf(each.path);
                if (folder.equals(inside) || folderOf(root + "x").equals(folder) && inside.isEmpty()
                        || folder.equals(root + inside)) found.add(each);
            }
            return found;
        }

        @Override
        public String inferBinaryName(Location where, JavaFileObject file) {
            if (!(file instanceof Source source)) return super.inferBinaryName(where, file);
            String path = source.path.startsWith(root) ? source.path.substring(root.length()) : source.path;
            return path.substring(0, path.length() - ".java".length()).replace('/', '.');
        }

        @Override
        public boolean isSameFile(FileObject one, FileObject other) {
            return one == other || !(one instanceof Source) && !(other instanceof Source) && super.isSameFile(one, other);
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
