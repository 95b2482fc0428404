import java.io.*;
import java.util.*;

public class Main {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedReader(new InputStreamReader(System.in)));
        in.nextToken();
        int n = (int) in.nval;
        in.nextToken();
        long k = (long) in.nval, low = 0, high = 0;
        long[] boxes = new long[n];
        for (int i = 0; i < n; i++) {
            in.nextToken();
            boxes[i] = (long) in.nval;
            low = Math.max(low, boxes[i]);
            high += boxes[i];
        }
        while (low < high) {
            long middle = (low + high) / 2, load = 0, count = 1;
            for (long box : boxes) {
                load += box;
                if (load > middle) {
                    count++;
                    load = box;
                }
            }
            if (count <= k) high = middle;
            else low = middle + 1;
        }
        System.out.println(low);
    }
}
