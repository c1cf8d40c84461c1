package org.mysimbdp.connect;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * Says in headers where a row of results has its place: {@code bucket}, {@code window_start}, {@code window_end} and {@code key}, or for a query
 * without windows {@code bucket}, {@code partition}, {@code offset} and {@code key}. Times are epoch ms. The value stays as it is on the topic.
 *
 * <p>Doubles and floats get a header each, {@code number_} and their name: the core compares their text with Java's, and refuses numbers such as 5e-324
 * that Java writes with other digits. What is no JSON object is refused here, because the core would write it as a row of nulls.
 */
public final class ResultPlace<R extends ConnectRecord<R>> implements Transformation<R> {
  private static final ConfigDef SETTINGS = new ConfigDef()
      .define("windowed", ConfigDef.Type.BOOLEAN, true, ConfigDef.Importance.HIGH, "Whether rows belong to windows.")
      .define("bucket.span", ConfigDef.Type.LONG, ConfigDef.NO_DEFAULT_VALUE, ConfigDef.Range.atLeast(1), ConfigDef.Importance.HIGH,
          "How many ms of window starts, or offsets of records, share a bucket.")
      .define("doubles", ConfigDef.Type.LIST, List.of(), ConfigDef.Importance.MEDIUM, "Fields that are doubles.")
      .define("floats", ConfigDef.Type.LIST, List.of(), ConfigDef.Importance.MEDIUM, "Fields that are floats.");

  /** In front of the name of a field that has a header, so that it meets none of the others. */
  private static final String NUMBER = "number_";
  private static final Pattern WINDOW_KEY = Pattern.compile("(-?\\d{1,18})(?:\\|.*)?", Pattern.DOTALL);
  private static final Pattern RECORD_KEY = Pattern.compile("(\\d{1,9})\\|(\\d{1,18})");

  private boolean isWindowed;
  private long bucketSpan;
  private List<String> doubles;
  private List<String> floats;

  @Override
  @SuppressWarnings("unchecked")
  public void configure(Map<String, ?> settings) {
    Map<String, Object> known = SETTINGS.parse(settings);
    isWindowed = (Boolean) known.get("windowed");
    bucketSpan = (Long) known.get("bucket.span");
    doubles = (List<String>) known.get("doubles");
    floats = (List<String>) known.get("floats");
  }

  @Override
  public R apply(R record) {
    Headers headers = record.headers().duplicate();
    RowFields row = RowFields.of(record.value());
    String key = String.valueOf(record.key());
    if (isWindowed) addWindow(headers, key, row);
    else addRecordPlace(headers, key);
    // All but the primary key is null in a tombstone: that is how the core knows one.
    boolean isRow = row != null;
    add(headers, "key", isRow || isWindowed ? key : null, Schema.OPTIONAL_STRING_SCHEMA);
    for (String name : doubles) add(headers, NUMBER + name, isRow ? row.doubleOf(name) : null, Schema.OPTIONAL_FLOAT64_SCHEMA);
    for (String name : floats) add(headers, NUMBER + name, isRow ? row.floatOf(name) : null, Schema.OPTIONAL_FLOAT32_SCHEMA);
    return record.newRecord(record.topic(), record.kafkaPartition(), record.keySchema(), record.key(), record.valueSchema(),
        record.value(), record.timestamp(), headers);
  }

  private void addWindow(Headers headers, String key, RowFields row) {
    long startMs = Long.parseLong(partsOf(WINDOW_KEY, key, "the start of a window in epoch ms, then | and its group").group(1));
    addLong(headers, "bucket", bucketOf(startMs));
    addLong(headers, "window_start", startMs);
    addLong(headers, "window_end", row == null ? null : endMs(row));
  }

  private void addRecordPlace(Headers headers, String key) {
    Matcher parts = partsOf(RECORD_KEY, key, "partition|offset");
    long offset = Long.parseLong(parts.group(2));
    addLong(headers, "bucket", bucketOf(offset));
    addLong(headers, "partition", Long.valueOf(parts.group(1)));
    addLong(headers, "offset", offset);
  }

  /** Where the bucket begins. */
  private long bucketOf(long place) {
    return Math.floorDiv(place, bucketSpan) * bucketSpan;
  }

  private static long endMs(RowFields row) {
    String end = row.windowEnd();
    try {
      return OffsetDateTime.parse(end).toInstant().toEpochMilli();
    } catch (DateTimeException noTime) {
      throw new DataException("window.end '" + end + "' of a row is no time with an offset", noTime);
    }
  }

  private static Matcher partsOf(Pattern form, String key, String expected) {
    Matcher parts = form.matcher(key);
    if (!parts.matches()) throw new DataException("'" + key + "' is no result key: expected " + expected);
    return parts;
  }

  private static void addLong(Headers headers, String name, Long value) {
    add(headers, name, value, Schema.OPTIONAL_INT64_SCHEMA);
  }

  private static void add(Headers headers, String name, Object value, Schema schema) {
    headers.remove(name).add(name, value, schema);
  }

  @Override
  public ConfigDef config() {
    return SETTINGS;
  }

  @Override
  public void close() {}
}
