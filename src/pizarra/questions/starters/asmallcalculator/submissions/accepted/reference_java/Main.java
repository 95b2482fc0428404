import java.util.*;

public class Main {
    static String text;
    static int place = 0;

    static char next() {
        return place < text.length() ? text.charAt(place) : '.';
    }

    static long value() {
        if (next() == '-') {
            place++;
            return -value();
        }
        if (next() == '(') {
            place++;
            long inside = total();
            place++;
            return inside;
        }
        long number = 0;
        while (Character.isDigit(next())) number = number * 10 + text.charAt(place++) - '0';
        return number;
    }

    static long product() {
        long left = value();
        while (next() == '*' || next() == '/') {
            if (text.charAt(place++) == '*') left *= value();
            else left /= value();
        }
        return left;
    }

    static long total() {
        long left = product();
        while (next() == '+' || next() == '-') {
            if (text.charAt(place++) == '+') left += product();
            else left -= product();
        }
        return left;
    }

    public static void main(String[] args) {
        text = new Scanner(System.in).nextLine().replace(" ", "");
        System.out.println(total());
    }
}
