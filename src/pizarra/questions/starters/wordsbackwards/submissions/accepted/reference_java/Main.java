import java.util.*;

public class Main {
    public static void main(String[] args) {
        List<String> words = new ArrayList<>();
        for (String word : new Scanner(System.in).nextLine().split(" ")) {
            if (!word.isEmpty()) words.add(0, word);
        }
        System.out.println(String.join(" ", words));
    }
}
