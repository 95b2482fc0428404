import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Scanner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Java, ready to run: touches what programs in interviews use, then waits for the name of a class in the folder .java beside it.
 * Descriptor 3 gives the names of classes to try, with tabs between them; descriptor 4 takes a byte once it is ready.
 */
public final class WarmJava {
    private WarmJava() {}

    private record Pair(String name, int count) {}

    public static void main(String[] arguments) throws Throwable {
        Path classes = Path.of(System.getProperty("user.dir"), ".java");
        train(classes);
        try (FileOutputStream ready = new FileOutputStream("/proc/self/fd/4")) {
            ready.write('r');
        }
        String line;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new FileInputStream("/proc/self/fd/3"), "UTF-8"))) {
            line = reader.readLine();
        }
        if (line == null) System.exit(0);
        run(new URLClassLoader(new URL[] {classes.toUri().toURL()}), line.split("\t"));
    }

    private static void run(ClassLoader loader, String[] names) throws Throwable {
        Thread.currentThread().setContextClassLoader(loader);
        Method main = null;
        for (String name : names) {
            try {
                Method found = Class.forName(name, false, loader).getMethod("main", String[].class);
                if (Modifier.isStatic(found.getModifiers())) main = found;
            } catch (ReflectiveOperationException missing) {
                continue;
            }
            if (main != null) break;
        }
        if (main == null) {
            System.err.println("No class here has a method: public static void main(String[] args)");
            System.exit(1);
        }
        main.setAccessible(true);
        try {
            main.invoke(null, (Object) new String[0]);
        } catch (InvocationTargetException wrapped) {
            Throwable error = wrapped.getCause();
            trim(error);
            System.out.flush();
            System.err.print("Exception in thread \"main\" ");
            error.printStackTrace();
            System.exit(1);
        }
    }

    /** Takes away the frames below the program's own main: they are ours. */
    private static void trim(Throwable error) {
        for (Throwable each = error; each != null; each = each.getCause()) {
            StackTraceElement[] trace = each.getStackTrace();
            int end = trace.length;
            while (end > 0 && isOurs(trace[end - 1].getClassName())) end--;
            each.setStackTrace(Arrays.copyOf(trace, end));
        }
    }

    private static boolean isOurs(String name) {
        return name.equals("WarmJava") || name.startsWith("jdk.internal.reflect.") || name.startsWith("java.lang.reflect.");
    }

    private static void train(Path classes) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true);
        for (int round = 0; round < 20; round++) {
            Map<String, Integer> counts = new HashMap<>();
            for (String word : "the quick brown fox jumps over the lazy dog".split(" ")) counts.merge(word, 1, Integer::sum);
            List<Integer> numbers = IntStream.range(0, 50).boxed().collect(Collectors.toCollection(ArrayList::new));
            Collections.sort(numbers, (left, right) -> right - left);
            nowhere.printf("%d %s %.2f%n", round, counts, Math.sqrt(round));
            nowhere.println(new Pair("a" + round, numbers.size()) + " " + new TreeMap<>(counts));
            nowhere.println(numbers.stream().filter(n -> n % 2 == 0).map(String::valueOf).collect(Collectors.joining(",")));
            nowhere.println(String.format("%5d|%-5s", round, "x") + Arrays.toString(new int[] {round}));
            Scanner scanner = new Scanner(new ByteArrayInputStream("1 two 3.5\nline\n".getBytes()));
            nowhere.println(scanner.nextInt() + scanner.next() + scanner.nextDouble() + scanner.nextLine());
            PriorityQueue<Integer> heap = new PriorityQueue<>(numbers);
            ArrayDeque<Integer> queue = new ArrayDeque<>(numbers);
            nowhere.println(heap.poll() + queue.pollLast());
        }
        try {
            Files.exists(Path.of("/work/.java/Main.class"));
            URLClassLoader loader = new URLClassLoader(new URL[] {Path.of(System.getProperty("user.dir"), ".java").toUri().toURL()});
            Class.forName("Main", false, loader);
        } catch (Exception expected) {
            nowhere.println(expected);
        }
    }
}
