import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windows;
import org.apache.kafka.streams.kstream.internals.TimeWindow;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The four queries in the DSL of Kafka Streams, exactly once (v2): {@code FourQueriesInStreams <bootstrap server> <input topic> <result topic> <application id> <threads>
 * <state folder> <cache bytes> <producer linger ms>}. It runs until it is ended. Stores, commit interval and all else are the defaults, but for the cache of windows that are given once. Grace is the product's delay of 10 s; the
 * day, which the product keeps open, has a grace of a year.
 */
public final class FourQueriesInStreams {
  static final Duration GRACE = Duration.ofSeconds(10);

  /** Days that begin five hours after those of UTC, as in Chicago in summer; for a year no trip is late. */
  static final class ChicagoDays extends Windows<TimeWindow> {
    private static final long OFFSET_MS = Duration.ofHours(5).toMillis();
    private static final long SIZE_MS = Duration.ofDays(1).toMillis();

    @Override
    public Map<Long, TimeWindow> windowsFor(long timeMs) {
      long startMs = Math.floorDiv(timeMs - OFFSET_MS, SIZE_MS) * SIZE_MS + OFFSET_MS;
      return Map.of(startMs, new TimeWindow(startMs, startMs + SIZE_MS));
    }

    @Override
    public long size() {
      return SIZE_MS;
    }

    @Override
    public long gracePeriodMs() {
      return Duration.ofDays(365).toMillis();
    }
  }

  static final long NO_MONEY = Long.MIN_VALUE;
  static final byte[] NOTHING = {};

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Trip {
    public long event_timestamp;
    public Double fare;
    public Double tips;
    public Double trip_total;
    public Integer pickup_community_area;
    public String pickup_centroid_location;
  }

  static final ObjectReader READER = new ObjectMapper().readerFor(Trip.class);

  static Trip parse(byte[] line) {
    try {
      return READER.readValue(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static final Serde<Trip> TRIPS =
      Serdes.serdeFrom(
          (topic, trip) -> {
            throw new UnsupportedOperationException("trips are read only");
          },
          (topic, line) -> parse(line));

  static final Serde<long[]> LONGS =
      Serdes.serdeFrom(
          (topic, values) -> {
            if (values == null) return null;
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Long.BYTES);
            for (long value : values) bytes.putLong(value);
            return bytes.array();
          },
          (topic, bytes) -> {
            if (bytes == null) return null;
            long[] values = new long[bytes.length / Long.BYTES];
            ByteBuffer.wrap(bytes).asLongBuffer().get(values);
            return values;
          });

  static long cents(Double dollars) {
    return dollars == null ? NO_MONEY : Math.round(dollars * 100);
  }

  /** How many trips; then of fare, tips and total how many say it, and the sum in cents. */
  static long[] add(long[] money, long[] before) {
    long[] totals = before.clone();
    totals[0]++;
    for (int i = 0; i < money.length; i++) {
      if (money[i] == NO_MONEY) continue;
      totals[1 + 2 * i]++;
      totals[2 + 2 * i] += money[i];
    }
    return totals;
  }

  static String sum(long[] totals, int at) {
    return totals[at] == 0 ? "null" : dollars(totals[at + 1]);
  }

  static String dollars(long cents) {
    return String.format("%d.%02d", cents / 100, cents % 100);
  }

  /** Rounded to six decimals and then to two, each time half away from zero. */
  static String average(long[] totals, int at) {
    long count = totals[at];
    if (count == 0) return "null";
    long sixDecimals = (2 * totals[at + 1] * 10_000 + count) / (2 * count);
    return dollars((2 * sixDecimals + 10_000) / 20_000);
  }

  static KStream<String, String> totals(KGroupedStream<String, long[]> all, Windows<TimeWindow> windows, String query) {
    return all.windowedBy(windows)
        .aggregate(() -> new long[7], (key, money, before) -> add(money, before), Materialized.with(Serdes.String(), LONGS))
        .toStream()
        .map((window, totals) -> KeyValue.pair(query, row(query, window.window().start(), totals)));
  }

  static String row(String query, long startMs, long[] totals) {
    String values =
        query.equals("tripsTotal")
            ? String.format("%d,%s,%s,%s", totals[0], sum(totals, 1), average(totals, 3), average(totals, 5))
            : String.format("%s,%s,%s", sum(totals, 1), sum(totals, 3), sum(totals, 5));
    return String.format("[\"%s\",%d,null,%s]", query, startMs, values);
  }

  static KStream<String, String> hotspots(KStream<String, byte[]> places, String query) {
    TimeWindows windows = TimeWindows.ofSizeAndGrace(Duration.ofSeconds(60), GRACE).advanceBy(Duration.ofSeconds(30));
    return places
        .groupByKey(Grouped.with(query, Serdes.String(), Serdes.ByteArray()))
        .windowedBy(windows)
        .emitStrategy(EmitStrategy.onWindowClose())
        // A cache saves nothing where each window is given once, and the first look for closed windows would go through it minute by minute since 1970.
        .count(Materialized.<String, Long, WindowStore<Bytes, byte[]>>with(Serdes.String(), Serdes.Long()).withCachingDisabled())
        .toStream()
        .map(
            (window, count) -> {
              String group = window.key().equals("null") ? "null" : '"' + window.key() + '"';
              return KeyValue.pair(query, String.format("[\"%s\",%d,%s,%d]", query, window.window().start(), group, count));
            });
  }

  static StreamsBuilder queries(String inputTopic, String resultTopic) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<byte[], Trip> trips =
        builder.stream(
            inputTopic,
            Consumed.with(Serdes.ByteArray(), TRIPS)
                .withTimestampExtractor((record, partitionTime) -> ((Trip) record.value()).event_timestamp));
    KGroupedStream<String, long[]> all =
        trips
            .map((key, trip) -> KeyValue.pair("all", new long[] {cents(trip.fare), cents(trip.tips), cents(trip.trip_total)}))
            .groupByKey(Grouped.with("all", Serdes.String(), LONGS));
    Produced<String, String> texts = Produced.with(Serdes.String(), Serdes.String());
    totals(all, TimeWindows.ofSizeAndGrace(Duration.ofSeconds(5), GRACE), "sumFareWindow").to(resultTopic, texts);
    totals(all, new ChicagoDays(), "tripsTotal").to(resultTopic, texts);
    hotspots(trips.map((key, trip) -> KeyValue.pair(String.valueOf(trip.pickup_community_area), NOTHING)), "hotspotCommunityPickupWindow")
        .to(resultTopic, texts);
    hotspots(trips.map((key, trip) -> KeyValue.pair(String.valueOf(trip.pickup_centroid_location), NOTHING)), "hotspotWindow")
        .to(resultTopic, texts);
    return builder;
  }

  public static void main(String[] args) throws InterruptedException {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("application.id", args[3]);
    properties.put("processing.guarantee", "exactly_once_v2");
    properties.put("num.stream.threads", args[4]);
    properties.put("state.dir", args[5]);
    properties.put("statestore.cache.max.bytes", args[6]);
    properties.put("producer.linger.ms", args[7]);
    KafkaStreams streams = new KafkaStreams(queries(args[1], args[2]).build(properties), properties);
    CountDownLatch failed = new CountDownLatch(1);
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          failed.countDown();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    failed.await();
    System.exit(1);
  }
}
