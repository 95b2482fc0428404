public class Main {
    static int squeeze(int[] values) {
        int count = 0;
        for (int value : values) {
            if (count == 0 || values[count - 1] != value) values[count++] = value;
        }
        return count;
    }
}
