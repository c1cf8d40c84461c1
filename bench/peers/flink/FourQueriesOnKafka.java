import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The four queries from topic to topic, exactly once: {@code FourQueriesOnKafka <bootstrap server> <input topic> <result topic> <checkpoint ms> <update ms> <buffer
 * timeout ms>}. It runs until it is ended. Results can be read when the checkpoint that holds them is complete.
 */
public final class FourQueriesOnKafka {
  /** Longer than any checkpoint takes, and no longer than brokers allow. */
  static final String TRANSACTION_TIMEOUT_MS = "600000";

  /** Rows are made as two lines, head and values. */
  static final class RowBytes implements SerializationSchema<String> {
    private static final long serialVersionUID = 1;

    @Override
    public byte[] serialize(String row) {
      return row.replace("\n", "").getBytes(StandardCharsets.UTF_8);
    }
  }

  public static void main(String[] args) throws Exception {
    String bootstrapServer = args[0];
    String results = args[2];
    StreamExecutionEnvironment environment = FourQueries.environment(1, Long.parseLong(args[3]));
    environment.setBufferTimeout(Long.parseLong(args[5]));
    KafkaSource<String> topic =
        KafkaSource.<String>builder()
            .setBootstrapServers(bootstrapServer)
            .setTopics(args[1])
            .setGroupId(results)
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new SimpleStringSchema())
            .build();
    KafkaSink<String> sink =
        KafkaSink.<String>builder()
            .setBootstrapServers(bootstrapServer)
            .setRecordSerializer(
                KafkaRecordSerializationSchema.<String>builder()
                    .setTopic(results)
                    .setValueSerializationSchema(new RowBytes())
                    .build())
            .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
            .setTransactionalIdPrefix(results)
            .setProperty("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS)
            .build();
    DataStream<String> lines =
        environment.fromSource(topic, FourQueries.watermarks(), "trips").setParallelism(1);
    FourQueries.rows(lines, Long.parseLong(args[4])).sinkTo(sink);
    environment.execute("four queries on Kafka");
  }
}
