import java.util.*;

public class Main {
    static int longestStretch(String[] songs, int most) {
        Map<String, Integer> played = new HashMap<>();
        int start = 0, longest = 0;
        for (int end = 0; end < songs.length; end++) {
            played.merge(songs[end], 1, Integer::sum);
            while (played.get(songs[end]) > most) played.merge(songs[start++], -1, Integer::sum);
            longest = Math.max(longest, end - start + 1);
        }
        return longest;
    }
}
