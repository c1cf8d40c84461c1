import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The four queries in Flink's DataStream API over a file, in one JVM, with a checkpoint each second:
 * {@code FourQueries <file> <parallelism> <rows file>}. The watermark moves with each record, and not every 200 ms as is Flink's default, so that results do not
 * depend on the clock.
 */
public final class FourQueries {
  static final long DELAY_MS = 10_000;
  static final long UPDATE_EVERY_MS = 1_000;
  static final long CHECKPOINT_EVERY_MS = 1_000;
  static final Duration CHICAGO_SUMMER = Duration.ofHours(5);
  /** As long as the product keeps the windows of a query in mode complete. */
  static final Duration KEPT = Duration.ofDays(400);

  /** The last row of each window and group, by what identifies it. All subtasks are threads of this JVM. */
  static final Map<String, String> ROWS = new ConcurrentHashMap<>();

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class TripJson {
    public long event_timestamp;
    public Double fare;
    public Double tips;
    public Double trip_total;
    public Integer pickup_community_area;
    public String pickup_centroid_location;
  }

  /** Event time; fare, tips and total in cents or NO_MONEY; area, location. A tuple, as Flink has a serializer of its own for those, and null has no place in it. */
  static final TypeInformation<Tuple6<Long, Long, Long, Long, String, String>> TRIP =
      TypeInformation.of(new TypeHint<>() {});

  static final ObjectReader READER = new ObjectMapper().readerFor(TripJson.class);

  static final long NO_MONEY = Long.MIN_VALUE;

  static long cents(Double dollars) {
    return dollars == null ? NO_MONEY : Math.round(dollars * 100);
  }

  static Tuple6<Long, Long, Long, Long, String, String> parse(String line) throws Exception {
    TripJson trip = READER.readValue(line);
    return Tuple6.of(
        trip.event_timestamp,
        cents(trip.fare),
        cents(trip.tips),
        cents(trip.trip_total),
        String.valueOf(trip.pickup_community_area),
        String.valueOf(trip.pickup_centroid_location));
  }

  /** Moves the watermark with each record, behind it. */
  static final class PerRecordWatermark<T> implements WatermarkGenerator<T> {
    private long newestMs = Long.MIN_VALUE;

    @Override
    public void onEvent(T event, long timeMs, WatermarkOutput output) {
      if (timeMs <= newestMs) return;
      newestMs = timeMs;
      output.emitWatermark(new Watermark(timeMs - DELAY_MS - 1));
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }

  /** How many trips; then of fare, tips and total how many say it, and the sum in cents. */
  static final class Totals
      implements AggregateFunction<Tuple6<Long, Long, Long, Long, String, String>, long[], long[]> {
    private static final long serialVersionUID = 1;

    @Override
    public long[] createAccumulator() {
      return new long[7];
    }

    @Override
    public long[] add(Tuple6<Long, Long, Long, Long, String, String> trip, long[] totals) {
      totals[0]++;
      addMoney(totals, 1, trip.f1);
      addMoney(totals, 3, trip.f2);
      addMoney(totals, 5, trip.f3);
      return totals;
    }

    private static void addMoney(long[] totals, int at, long cents) {
      if (cents == NO_MONEY) return;
      totals[at]++;
      totals[at + 1] += cents;
    }

    @Override
    public long[] getResult(long[] totals) {
      return totals;
    }

    @Override
    public long[] merge(long[] a, long[] b) {
      for (int i = 0; i < a.length; i++) a[i] += b[i];
      return a;
    }
  }

  static final class Count<T> implements AggregateFunction<T, Long, Long> {
    private static final long serialVersionUID = 1;

    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(T value, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long a, Long b) {
      return a + b;
    }
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

  static final class TotalsRow extends ProcessWindowFunction<long[], String, Integer, TimeWindow> {
    private static final long serialVersionUID = 1;
    private final String query;

    TotalsRow(String query) {
      this.query = query;
    }

    @Override
    public void process(Integer key, Context context, Iterable<long[]> all, Collector<String> rows) {
      long[] totals = all.iterator().next();
      String head = String.format("[\"%s\",%d,null", query, context.window().getStart());
      String values =
          query.equals("tripsTotal")
              ? String.format("%d,%s,%s,%s", totals[0], sum(totals, 1), average(totals, 3), average(totals, 5))
              : String.format("%s,%s,%s", sum(totals, 1), sum(totals, 3), sum(totals, 5));
      rows.collect(head + "\n," + values + "]");
    }
  }

  static final class CountRow extends ProcessWindowFunction<Long, String, String, TimeWindow> {
    private static final long serialVersionUID = 1;
    private final String query;

    CountRow(String query) {
      this.query = query;
    }

    @Override
    public void process(String group, Context context, Iterable<Long> all, Collector<String> rows) {
      String groupJson = group.equals("null") ? "null" : '"' + group + '"';
      String head = String.format("[\"%s\",%d,%s", query, context.window().getStart(), groupJson);
      rows.collect(head + "\n," + all.iterator().next() + "]");
    }
  }

  static SingleOutputStreamOperator<String> hotspots(KeyedStream<String, String> places, String query) {
    return places
        .window(SlidingEventTimeWindows.of(Duration.ofSeconds(60), Duration.ofSeconds(30)))
        .aggregate(new Count<>(), new CountRow(query));
  }

  /** One field of the trips, keyed by itself; made where they are parsed. */
  static KeyedStream<String, String> texts(
      DataStream<Tuple6<Long, Long, Long, Long, String, String>> trips, int field) {
    return trips.map(trip -> trip.<String>getField(field)).setParallelism(1).returns(Types.STRING).keyBy(text -> text);
  }

  static WatermarkStrategy<String> watermarks() {
    return WatermarkStrategy.<String>forGenerator(context -> new PerRecordWatermark<>())
        .withTimestampAssigner((line, before) -> eventTimeOf(line));
  }

  /** It is the last field of a line, and far cheaper to find there than by reading the line as JSON twice. */
  static long eventTimeOf(String line) {
    return Long.parseLong(line, line.lastIndexOf(':') + 1, line.lastIndexOf('}'), 10);
  }

  static StreamExecutionEnvironment environment(int parallelism, long checkpointEveryMs) {
    Configuration configuration = new Configuration();
    configuration.setString("rest.bind-port", "0");
    configuration.setString("taskmanager.memory.network.min", "128m");
    configuration.setString("taskmanager.memory.network.max", "128m");
    configuration.setString("taskmanager.memory.managed.size", "64m");
    configuration.setString("pipeline.object-reuse", "true");
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
    environment.enableCheckpointing(checkpointEveryMs);
    return environment;
  }

  /** Rows of all four queries; those that change are given again so often. */
  static DataStream<String> rows(DataStream<String> lines, long updateEveryMs) {
    DataStream<Tuple6<Long, Long, Long, Long, String, String>> trips =
        lines.map(FourQueries::parse).setParallelism(1).returns(TRIP);
    KeyedStream<Tuple6<Long, Long, Long, Long, String, String>, Integer> all = trips.keyBy(trip -> 0, Types.INT);
    DataStream<String> sums =
        all.window(TumblingEventTimeWindows.of(Duration.ofSeconds(5)))
            .trigger(new UpdateTrigger(updateEveryMs))
            .aggregate(new Totals(), new TotalsRow("sumFareWindow"));
    DataStream<String> days =
        all.window(TumblingEventTimeWindows.of(Duration.ofDays(1), CHICAGO_SUMMER))
            .allowedLateness(KEPT)
            .trigger(new UpdateTrigger(updateEveryMs))
            .aggregate(new Totals(), new TotalsRow("tripsTotal"));
    DataStream<String> areas = hotspots(texts(trips, 4), "hotspotCommunityPickupWindow");
    DataStream<String> locations = hotspots(texts(trips, 5), "hotspotWindow");
    return sums.union(days, areas, locations);
  }

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment environment = environment(Integer.parseInt(args[1]), CHECKPOINT_EVERY_MS);
    FileSource<String> file = FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(args[0])).build();
    // One subtask reads and parses: records that were spread before they are keyed would overtake the watermark. What follows is spread by key.
    DataStream<String> lines = environment.fromSource(file, watermarks(), "trips").setParallelism(1);

    rows(lines, UPDATE_EVERY_MS).map(FourQueries::keep).returns(Types.INT).sinkTo(new DiscardingSink<>());
    environment.execute("four queries");
    try (PrintWriter rows = new PrintWriter(Files.newBufferedWriter(Paths.get(args[2]), StandardCharsets.UTF_8))) {
      ROWS.forEach((head, values) -> rows.println(head + values));
    }
    System.exit(0);
  }

  static Integer keep(String row) {
    int end = row.indexOf('\n');
    ROWS.put(row.substring(0, end), row.substring(end + 1));
    return 1;
  }
}
