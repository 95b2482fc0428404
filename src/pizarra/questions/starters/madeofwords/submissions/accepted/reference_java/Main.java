import java.util.*;

public class Main {
    static Integer fewestWords(String text, String[] words) {
        Integer[] fewest = new Integer[text.length() + 1];
        fewest[0] = 0;
        for (int end = 1; end <= text.length(); end++) {
            for (String word : words) {
                int start = end - word.length();
                if (start < 0 || fewest[start] == null || !text.startsWith(word, start)) continue;
                if (fewest[end] == null || fewest[end] > fewest[start] + 1) fewest[end] = fewest[start] + 1;
            }
        }
        return fewest[text.length()];
    }
}
