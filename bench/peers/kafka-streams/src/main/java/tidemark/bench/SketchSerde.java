package tidemark.bench;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.encoding.ByteArrayInput;
import com.datadoghq.sketch.ddsketch.encoding.GrowingByteArrayOutput;
import com.datadoghq.sketch.ddsketch.store.UnboundedSizeDenseStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/** The library's own compact form. */
final class SketchSerde {
    private SketchSerde() {}

    static Serde<DDSketch> create() {
        Serializer<DDSketch> serializer = (topic, sketch) -> {
            if (sketch == null) return null;
            try {
                GrowingByteArrayOutput output = GrowingByteArrayOutput.withInitialCapacity(256);
                sketch.encode(output, false);
                return output.trimmedCopy();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        Deserializer<DDSketch> deserializer = (topic, bytes) -> {
            if (bytes == null) return null;
            try {
                return DDSketch.decode(ByteArrayInput.wrap(bytes), UnboundedSizeDenseStore::new);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        return Serdes.serdeFrom(serializer, deserializer);
    }
}
