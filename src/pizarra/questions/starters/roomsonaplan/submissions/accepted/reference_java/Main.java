import java.util.*;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int height = in.nextInt(), width = in.nextInt();
        boolean[][] free = new boolean[height + 2][width + 2];
        for (int y = 1; y <= height; y++) {
            String row = in.next();
            for (int x = 1; x <= width; x++) free[y][x] = row.charAt(x - 1) == '.';
        }
        int rooms = 0, largest = 0;
        ArrayDeque<int[]> open = new ArrayDeque<>();
        for (int top = 1; top <= height; top++) {
            for (int left = 1; left <= width; left++) {
                int size = 0;
                open.push(new int[] {top, left});
                while (!open.isEmpty()) {
                    int[] place = open.pop();
                    int y = place[0], x = place[1];
                    if (!free[y][x]) continue;
                    free[y][x] = false;
                    size++;
                    open.push(new int[] {y - 1, x});
                    open.push(new int[] {y + 1, x});
                    open.push(new int[] {y, x - 1});
                    open.push(new int[] {y, x + 1});
                }
                if (size > 0) rooms++;
                largest = Math.max(largest, size);
            }
        }
        System.out.println(rooms + " " + largest);
    }
}
