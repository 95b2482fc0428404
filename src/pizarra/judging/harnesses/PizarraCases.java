import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Calls the function of Main.java with the cases that standard input has; see `pizarra_cases.py`, which does the same. */
class PizarraCases {
    static final int MOST_NODES = 1_000_000;
    static String[] given;
    static int place = 0;

    static class Mismatch extends RuntimeException {
        Mismatch(String said) {
            super(said);
        }
    }

    static class Kind {
        final char shape;
        final Kind of;

        Kind(char shape, Kind of) {
            this.shape = shape;
            this.of = of;
        }

        static Kind parse(String text) {
            return new Kind(text.charAt(0), text.length() > 1 ? parse(text.substring(1)) : null);
        }

        /** The class of a value of this kind, boxed where nothing may stand in its place. */
        Class<?> type(boolean boxed) {
            switch (shape) {
                case 'i': return boxed ? Integer.class : int.class;
                case 'l': return boxed ? Long.class : long.class;
                case 'f': return boxed ? Double.class : double.class;
                case 'b': return boxed ? Boolean.class : boolean.class;
                case 's': return String.class;
                case 'A': return Array.newInstance(of.type(false), 0).getClass();
                case 'M': return Map.class;
                case 'O': return of.type(true);
                default: return node(shape == 'L' ? "ListNode" : "TreeNode");
            }
        }
    }

    static String take() {
        return given[place++];
    }

    static Class<?> node(String name) {
        for (String each : new String[] {"Main$" + name, name}) {
            try {
                return Class.forName(each);
            } catch (ClassNotFoundException next) {
                continue;
            }
        }
        throw new IllegalStateException("Main has no class " + name);
    }

    static Object make(Class<?> type, Object value) throws ReflectiveOperationException {
        for (Constructor<?> each : type.getDeclaredConstructors()) {
            if (each.getParameterCount() == 1) {
                each.setAccessible(true);
                return each.newInstance(value);
            }
        }
        throw new IllegalStateException(type.getSimpleName() + " needs a constructor that takes its value");
    }

    static Field field(Object node, String name) throws ReflectiveOperationException {
        Field found = node.getClass().getDeclaredField(name);
        found.setAccessible(true);
        return found;
    }

    static Object read(Kind kind) throws ReflectiveOperationException {
        switch (kind.shape) {
            case 'i': return Integer.parseInt(take());
            case 'l': return Long.parseLong(take());
            case 'f': return real(take());
            case 'b': return take().equals("1");
            case 's': return text(take());
            case 'O': return take().equals("1") ? read(kind.of) : null;
            default:
        }
        int count = Integer.parseInt(take());
        if (kind.shape == 'A') {
            Object array = Array.newInstance(kind.of.type(false), count);
            for (int i = 0; i < count; i++) Array.set(array, i, read(kind.of));
            return array;
        }
        if (kind.shape == 'M') {
            Map<String, Object> map = new HashMap<>();
            for (int i = 0; i < count; i++) {
                String key = text(take());
                map.put(key, read(kind.of));
            }
            return map;
        }
        return kind.shape == 'L' ? list(kind, count) : tree(kind, count);
    }

    static Object list(Kind kind, int count) throws ReflectiveOperationException {
        Object first = null, last = null;
        for (int i = 0; i < count; i++) {
            Object node = make(kind.type(false), read(kind.of));
            if (last == null) first = node;
            else field(last, "next").set(last, node);
            last = node;
        }
        return first;
    }

    static Object tree(Kind kind, int count) throws ReflectiveOperationException {
        List<Object> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(take().equals("1") ? make(kind.type(false), read(kind.of)) : null);
        }
        int child = 1;
        for (Object node : nodes) {
            if (node == null) continue;
            for (String side : new String[] {"left", "right"}) {
                field(node, side).set(node, child < count ? nodes.get(child) : null);
                child++;
            }
        }
        return nodes.isEmpty() ? null : nodes.get(0);
    }

    static double real(String text) {
        if (text.equals("inf")) return Double.POSITIVE_INFINITY;
        if (text.equals("-inf")) return Double.NEGATIVE_INFINITY;
        return text.equals("nan") ? Double.NaN : Double.parseDouble(text);
    }

    static String text(String hex) {
        byte[] bytes = new byte[(hex.length() - 1) / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i + 1, 2 * i + 3), 16);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static String hex(String text) {
        StringBuilder out = new StringBuilder("x");
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            out.append(Character.forDigit((each >> 4) & 15, 16)).append(Character.forDigit(each & 15, 16));
        }
        return out.toString();
    }

    static void write(Kind kind, Object value, List<String> out) throws ReflectiveOperationException {
        if (kind.shape == 'O') {
            out.add(value == null ? "0" : "1");
            if (value != null) write(kind.of, value, out);
        } else if (kind.shape == 'L') {
            List<Object> values = new ArrayList<>();
            for (Object node = value; node != null; node = field(node, "next").get(node)) {
                values.add(field(node, "val").get(node));
                if (values.size() > MOST_NODES) throw new Mismatch("a list that never ends");
            }
            out.add(String.valueOf(values.size()));
            for (Object each : values) write(kind.of, each, out);
        } else if (kind.shape == 'T') {
            writeTree(kind, value, out);
        } else if (value == null) {
            throw new Mismatch("null");
        } else if (kind.shape == 'A' && value.getClass().isArray()) {
            int count = Array.getLength(value);
            out.add(String.valueOf(count));
            for (int i = 0; i < count; i++) write(kind.of, Array.get(value, i), out);
        } else if (kind.shape == 'A' && value instanceof List) {
            out.add(String.valueOf(((List<?>) value).size()));
            for (Object each : (List<?>) value) write(kind.of, each, out);
        } else if (kind.shape == 'M' && value instanceof Map) {
            out.add(String.valueOf(((Map<?, ?>) value).size()));
            for (Map.Entry<?, ?> each : ((Map<?, ?>) value).entrySet()) {
                out.add(hex(String.valueOf(each.getKey())));
                write(kind.of, each.getValue(), out);
            }
        } else if (kind.shape == 's' && value instanceof String) {
            out.add(hex((String) value));
        } else if (kind.shape == 'b' && value instanceof Boolean) {
            out.add((Boolean) value ? "1" : "0");
        } else if ((kind.shape == 'i' || kind.shape == 'l' || kind.shape == 'f') && value instanceof Number) {
            out.add(String.valueOf(value));
        } else {
            throw new Mismatch(String.valueOf(value));
        }
    }

    static void writeTree(Kind kind, Object root, List<String> out) throws ReflectiveOperationException {
        List<Object> queue = new ArrayList<>();
        queue.add(root);
        for (int i = 0; i < queue.size(); i++) {
            Object node = queue.get(i);
            if (node != null) {
                queue.add(field(node, "left").get(node));
                queue.add(field(node, "right").get(node));
            }
            if (queue.size() > MOST_NODES) throw new Mismatch("a tree that never ends");
        }
        while (!queue.isEmpty() && queue.get(queue.size() - 1) == null) queue.remove(queue.size() - 1);
        out.add(String.valueOf(queue.size()));
        for (Object node : queue) {
            out.add(node == null ? "0" : "1");
            if (node != null) write(kind.of, field(node, "val").get(node), out);
        }
    }

    static Method method(String name, int count) {
        for (Method each : Main.class.getDeclaredMethods()) {
            if (each.getName().equals(name) && each.getParameterCount() == count) {
                each.setAccessible(true);
                return each;
            }
        }
        throw new IllegalStateException("Main has no method " + name + " that takes " + count);
    }

    public static void main(String[] args) throws Exception {
        given = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
        String secret = take();
        take();
        String name = take();
        List<Kind> kinds = new ArrayList<>();
        for (String each : take().split(" ")) if (!each.isEmpty()) kinds.add(Kind.parse(each));
        Kind returns = Kind.parse(take());
        int inPlace = Integer.parseInt(take()), count = Integer.parseInt(take());
        for (int number = 0; number < count; number++) {
            Object[] values = new Object[kinds.size()];
            for (int i = 0; i < values.length; i++) values[i] = read(kinds.get(i));
            call(secret, name, number, kinds, returns, inPlace, values);
        }
    }

    static void call(
            String secret, String name, int number, List<Kind> kinds, Kind returns, int inPlace, Object[] values)
            throws Exception {
        List<String> out = new ArrayList<>();
        String kind = "v";
        long began = System.nanoTime();
        try {
            Method method = method(name, values.length);
            Object self = null;
            if (!Modifier.isStatic(method.getModifiers())) {
                Constructor<?> plain = Main.class.getDeclaredConstructor();
                plain.setAccessible(true);
                self = plain.newInstance();
            }
            Object value = method.invoke(self, values);
            if (returns.shape != 'v') write(returns, value, out);
            if (inPlace >= 0) write(kinds.get(inPlace), values[inPlace], out);
        } catch (Mismatch error) {
            kind = "m";
            out = List.of(hex(error.getMessage()));
        } catch (Throwable error) {
            kind = "e";
            Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
            if (cause instanceof OutOfMemoryError) throw (OutOfMemoryError) cause;
            StringWriter said = new StringWriter();
            cause.printStackTrace(new PrintWriter(said, true));
            out = List.of(hex(said.toString().substring(0, Math.min(said.toString().length(), 4000))));
        }
        System.out.flush();
        long micros = (System.nanoTime() - began) / 1000;
        String frame =
                "\u001f" + secret + " " + kind + " " + number + " " + micros + "\n" + String.join("\n", out)
                        + "\n\u001f" + secret + " .\n";
        new FileOutputStream(FileDescriptor.out).write(frame.getBytes(StandardCharsets.UTF_8));
    }
}
