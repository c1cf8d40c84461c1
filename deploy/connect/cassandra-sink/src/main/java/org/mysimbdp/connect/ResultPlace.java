package org.mysimbdp.connect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * Says in headers where a row of results has its place: {@code bucket}, {@code window_start}, {@code window_end} and {@code key}, or for a query
 * without windows {@code bucket}, {@code partition}, {@code offset} and {@code key}. Times are epoch ms. All but the end of the window stands in
 * the message key, so the value stays as it is on the topic. A tombstone gets no more than the primary key, else it would count as a row.
 */
public final class ResultPlace<R extends ConnectRecord<R>> implements Transformation<R> {
  private static final String WINDOWED = "windowed";
  private static final String BUCKET_SPAN = "bucket.span";
  private static final ConfigDef SETTINGS = new ConfigDef()
      .define(WINDOWED, ConfigDef.Type.BOOLEAN, true, ConfigDef.Importance.HIGH, "Whether rows belong to windows.")
      .define(BUCKET_SPAN, ConfigDef.Type.LONG, ConfigDef.NO_DEFAULT_VALUE, ConfigDef.Range.atLeast(1), ConfigDef.Importance.HIGH,
          "How many ms of window starts, or offsets of records, share a bucket.");

  private static final Pattern WINDOW_KEY = Pattern.compile("(-?\\d{1,18})(?:\\|.*)?", Pattern.DOTALL);
  private static final Pattern RECORD_KEY = Pattern.compile("(\\d{1,9})\\|(\\d{1,18})");
  private static final JsonFactory JSON = new JsonFactory();

  private boolean isWindowed;
  private long bucketSpan;

  @Override
  public void configure(Map<String, ?> settings) {
    Map<String, Object> known = SETTINGS.parse(settings);
    isWindowed = (Boolean) known.get(WINDOWED);
    bucketSpan = (Long) known.get(BUCKET_SPAN);
  }

  @Override
  public R apply(R record) {
    String key = String.valueOf(record.key());
    Headers headers = record.headers().duplicate();
    if (isWindowed) addWindow(headers, key, record.value());
    else addRecordPlace(headers, key, record.value() == null);
    return record.newRecord(record.topic(), record.kafkaPartition(), record.keySchema(), record.key(), record.valueSchema(),
        record.value(), record.timestamp(), headers);
  }

  private void addWindow(Headers headers, String key, Object value) {
    long start = Long.parseLong(partOf(WINDOW_KEY, key, "start of window in epoch ms, then | and its group").group(1));
    add(headers, "bucket", bucketOf(start));
    add(headers, "window_start", start);
    headers.remove("key").add("key", key, Schema.STRING_SCHEMA);
    if (value != null) add(headers, "window_end", windowEnd(value));
  }

  private void addRecordPlace(Headers headers, String key, boolean isTombstone) {
    Matcher parts = partOf(RECORD_KEY, key, "partition|offset");
    long offset = Long.parseLong(parts.group(2));
    add(headers, "bucket", bucketOf(offset));
    add(headers, "partition", Long.parseLong(parts.group(1)));
    add(headers, "offset", offset);
    if (!isTombstone) headers.remove("key").add("key", key, Schema.STRING_SCHEMA);
  }

  /** Where the bucket begins. */
  private long bucketOf(long place) {
    return Math.floorDiv(place, bucketSpan) * bucketSpan;
  }

  private static void add(Headers headers, String name, long value) {
    headers.remove(name).add(name, value, Schema.INT64_SCHEMA);
  }

  private static Matcher partOf(Pattern form, String key, String expected) {
    Matcher parts = form.matcher(key);
    if (!parts.matches()) throw new DataException("'" + key + "' is no result key: expected " + expected);
    return parts;
  }

  private static long windowEnd(Object value) {
    String end = null;
    if (value instanceof String) end = windowEndInText((String) value);
    else if (value instanceof Map) end = ((Map<?, ?>) value).get("window") instanceof Map<?, ?> window ? (String) window.get("end") : null;
    else if (value instanceof Struct && ((Struct) value).schema().field("window") != null) end = ((Struct) value).getStruct("window").getString("end");
    try {
      if (end != null) return OffsetDateTime.parse(end).toInstant().toEpochMilli();
    } catch (DateTimeException noTime) {
      throw new DataException("window.end '" + end + "' of a row is no time with an offset", noTime);
    }
    throw new DataException("a row has no window.end");
  }

  /** Reads no further than to the end of the window, which stands first. */
  private static String windowEndInText(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new DataException("a row is no JSON object");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isWindow = parser.getCurrentName().equals("window");
        if (parser.nextToken() == JsonToken.START_OBJECT && isWindow) return endOf(parser);
        parser.skipChildren();
      }
      return null;
    } catch (IOException malformed) {
      throw new DataException("a row is no JSON: " + malformed.getMessage(), malformed);
    }
  }

  private static String endOf(JsonParser window) throws IOException {
    while (window.nextToken() == JsonToken.FIELD_NAME) {
      boolean isEnd = window.getCurrentName().equals("end");
      if (window.nextToken() == JsonToken.VALUE_STRING && isEnd) return window.getText();
      window.skipChildren();
    }
    return null;
  }

  @Override
  public ConfigDef config() {
    return SETTINGS;
  }

  @Override
  public void close() {}
}
