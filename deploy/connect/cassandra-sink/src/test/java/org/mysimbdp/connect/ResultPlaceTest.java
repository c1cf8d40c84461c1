package org.mysimbdp.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class ResultPlaceTest {
  private static final String ROW = "{\"window\":{\"start\":\"2024-04-13T19:48:15.000-05:00\",\"end\":\"2024-04-13T19:48:20.000-05:00\"},\"d\":5e-324,\"f\":0.1}";

  private static Map<String, Object> headersOf(Map<String, String> settings, String key, Object value) {
    ResultPlace<SinkRecord> transformation = new ResultPlace<>();
    transformation.configure(settings);
    SinkRecord placed = transformation.apply(new SinkRecord("topic", 0, null, key, null, value, 7));
    assertEquals(value, placed.value());
    Map<String, Object> headers = new HashMap<>();
    for (Header header : placed.headers()) headers.put(header.key(), header.value());
    return headers;
  }

  private static final Map<String, String> DAYS = Map.of("bucket.span", "86400000");
  private static final Map<String, String> STRETCHES = Map.of("bucket.span", "1000", "windowed", "false");

  @Test
  void aRowOfAWindowHasBucketStartEndAndKey() {
    assertEquals(
        Map.of("bucket", 1713052800000L, "window_start", 1713055695000L, "window_end", 1713055700000L, "key", "1713055695000|8"),
        headersOf(DAYS, "1713055695000|8", ROW));
  }

  @Test
  void windowsBeforeTheEpochHaveBucketsBelowThem() {
    assertEquals(-86400000L, headersOf(DAYS, "-1", ROW).get("bucket"));
  }

  @Test
  void aMapAndAStructAreReadAsTextIs() {
    Map<String, Object> map = Map.of("window", Map.of("end", "2024-04-13T19:48:20.000-05:00"));
    assertEquals(1713055700000L, headersOf(DAYS, "1713055695000", map).get("window_end"));
    Schema window = SchemaBuilder.struct().field("end", Schema.STRING_SCHEMA).build();
    Schema row = SchemaBuilder.struct().field("window", window).build();
    Struct struct = new Struct(row).put("window", new Struct(window).put("end", "2024-04-13T19:48:20.000-05:00"));
    assertEquals(1713055700000L, headersOf(DAYS, "1713055695000", struct).get("window_end"));
  }

  @Test
  void aRowWithoutWindowHasBucketPartitionOffsetAndKey() {
    assertEquals(Map.of("bucket", 2000L, "partition", 3L, "offset", 2999L, "key", "3|2999"), headersOf(STRETCHES, "3|2999", "{}"));
  }

  @Test
  void allButThePrimaryKeyOfATombstoneIsNull() {
    Map<String, Object> windowed = headersOf(DAYS, "1713055695000|8", null);
    assertEquals("1713055695000|8", windowed.get("key"));
    assertTrue(windowed.containsKey("window_end"));
    assertNull(windowed.get("window_end"));
    assertNull(headersOf(STRETCHES, "3|2999", null).get("key"));
  }

  @Test
  void doublesAndFloatsAreReadFromTheirText() {
    Map<String, Object> headers = headersOf(Map.of("bucket.span", "1000", "doubles", "d", "floats", "f"), "0", ROW);
    assertEquals(Double.MIN_VALUE, headers.get("number_d"));
    assertEquals(0.1f, headers.get("number_f"));
  }

  @Test
  void whatIsNoRowIsRefusedWithAReason() {
    for (String value : new String[] {"nonsense", "[]", "{\"window\":{}}", "{\"window\":{\"end\":\"noon\"}}", ROW + "x", ROW.replace(",\"d\"", ",d"), "{"})
      assertThrows(DataException.class, () -> headersOf(DAYS, "1713055695000", value), value);
    DataException failure = assertThrows(DataException.class, () -> headersOf(DAYS, "noon|8", ROW));
    assertEquals("'noon|8' is no result key: expected the start of a window in epoch ms, then | and its group", failure.getMessage());
  }
}
