import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
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
import jdk.internal.vm.annotation.Hidden;

/**
 * Java, ready to run: touches what programs in interviews use, then waits for the name of a class beside it.
 * Descriptor 3 gives the names of classes to try, with tabs between them; descriptor 4 takes a byte once it is ready.
 *
 * It is on the boot class path, whose classes may hide their frames. So the program's own main is the last of every
 * trace, and what it throws goes to Java's launcher, as it would have without us. The program itself is on the class path.
 */
public final class WarmJava {
    private WarmJava() {}

    private record Pair(String name, int count) {}

    @Hidden
    public static void main(String[] arguments) throws Throwable {
        train();
        try (FileOutputStream ready = new FileOutputStream("/proc/self/fd/4")) {
            ready.write('r');
        }
        String line;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new FileInputStream("/proc/self/fd/3"), "UTF-8"))) {
            line = reader.readLine();
        }
        if (line == null) System.exit(0);
        MethodHandle main = find(line.split("\t"));
        if (main == null) {
            System.err.println("No class here has a method: public static void main(String[] args)");
            System.exit(1);
        }
        main.invokeExact(new String[0]);
    }

    private static MethodHandle find(String[] names) throws IllegalAccessException {
        for (String name : names) {
            try {
                Method found = Class.forName(name, false, ClassLoader.getSystemClassLoader()).getMethod("main", String[].class);
                if (!Modifier.isStatic(found.getModifiers()) || found.getReturnType() != void.class) continue;
                found.setAccessible(true);
                return MethodHandles.lookup().unreflect(found);
            } catch (ReflectiveOperationException missing) {
                continue;
            }
        }
        return null;
    }

    private static void nothing(String[] arguments) {}

    private static void train() throws Throwable {
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
            Class.forName("Main", false, ClassLoader.getSystemClassLoader());
        } catch (ClassNotFoundException expected) {
            nowhere.println(expected);
        }
        Method method = WarmJava.class.getDeclaredMethod("nothing", String[].class);
        MethodHandles.lookup().unreflect(method).invokeExact(new String[0]);
    }
}
