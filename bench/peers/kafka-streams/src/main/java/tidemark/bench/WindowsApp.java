package tidemark.bench;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.Suppressed.BufferConfig;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The work of Tidemark's normalizer and aggregator as a Kafka Streams application: line protocol to tumbling windows of
 * 10 s with percentiles, each emitted once, when it is closed. Runs until its standard input ends.
 */
public final class WindowsApp {
    private static final Duration SIZE = Duration.ofSeconds(10);
    /**
     * Stream time is the latest event of any partition, so on a backlog a partition that is read more slowly than another
     * comes late: with 5 s of grace one point in twenty was dropped. With a minute none is.
     */
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final double RELATIVE_ACCURACY = 0.01;

    private WindowsApp() {}

    /** {@code input output key=value…}: the topics, and the configuration of Kafka Streams. */
    public static void main(String[] args) throws IOException {
        Properties config = new Properties();
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            config.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        KafkaStreams streams = new KafkaStreams(topology(args[0], args[1]), config);
        streams.start();
        while (System.in.read() >= 0) {
            // Only the end matters: whoever has started this is gone, or wants it to end.
        }
        streams.close(Duration.ofSeconds(10));
    }

    private static Topology topology(String input, String output) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(
                        input,
                        Consumed.with(Serdes.String(), Serdes.String())
                                .withTimestampExtractor((record, partitionTime) -> LineProtocol.timeMs((String) record.value())))
                .flatMap((key, line) -> LineProtocol.points(line))
                .groupByKey(Grouped.with("by-series", Serdes.String(), Serdes.Double()))
                .windowedBy(TimeWindows.ofSizeAndGrace(SIZE, GRACE))
                .aggregate(
                        () -> DDSketches.logarithmicUnboundedDense(RELATIVE_ACCURACY),
                        (series, value, sketch) -> {
                            sketch.accept(value);
                            return sketch;
                        },
                        Materialized.<String, DDSketch, WindowStore<Bytes, byte[]>>as("sketches")
                                .withKeySerde(Serdes.String())
                                .withValueSerde(SketchSerde.create()))
                .suppress(Suppressed.untilWindowCloses(BufferConfig.unbounded()))
                .toStream()
                .map((window, sketch) -> KeyValue.pair(window.key(), toJson(window, sketch)))
                .to(output, Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    private static String toJson(Windowed<String> window, DDSketch sketch) {
        double[] quantiles = sketch.getValuesAtQuantiles(new double[] {0.5, 0.9, 0.99});
        return String.format(
                Locale.ROOT,
                "{\"series\":\"%s\",\"start\":%d,\"count\":%d,\"p50\":%s,\"p90\":%s,\"p99\":%s}",
                window.key(),
                window.window().start(),
                (long) sketch.getCount(),
                quantiles[0],
                quantiles[1],
                quantiles[2]);
    }
}
