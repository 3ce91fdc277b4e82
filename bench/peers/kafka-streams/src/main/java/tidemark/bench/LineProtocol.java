package tidemark.bench;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;

/** Line protocol without escapes, which is all that the benchmark sends: {@code measurement,tags field=1,other=2 time}. */
final class LineProtocol {
    private LineProtocol() {}

    /** The points of a line by series, named {@code measurement.field,tags}. */
    static List<KeyValue<String, Double>> points(String line) {
        int comma = line.indexOf(',');
        int fieldsFrom = line.indexOf(' ', comma) + 1;
        int fieldsTo = line.indexOf(' ', fieldsFrom);
        String measurement = line.substring(0, comma);
        String tags = line.substring(comma, fieldsFrom - 1);
        List<KeyValue<String, Double>> points = new ArrayList<>(8);
        for (int at = fieldsFrom; at < fieldsTo; ) {
            int equals = line.indexOf('=', at);
            int end = line.indexOf(',', equals);
            if (end < 0 || end > fieldsTo) end = fieldsTo;
            String series = measurement + '.' + line.substring(at, equals) + tags;
            points.add(KeyValue.pair(series, Double.parseDouble(line.substring(equals + 1, end))));
            at = end + 1;
        }
        return points;
    }

    /** Milliseconds, of a line whose time is in nanoseconds. */
    static long timeMs(String line) {
        return Long.parseLong(line, line.lastIndexOf(' ') + 1, line.length(), 10) / 1_000_000;
    }
}
