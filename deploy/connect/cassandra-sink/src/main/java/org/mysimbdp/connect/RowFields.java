package org.mysimbdp.connect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/** The fields of a row, whichever converter read it. */
final class RowFields {
  private static final JsonFactory JSON = new JsonFactory();

  private final Map<String, Object> fields;

  private RowFields(Map<String, Object> fields) {
    this.fields = fields;
  }

  /** Null for a tombstone. */
  static RowFields of(Object value) {
    if (value == null) return null;
    if (value instanceof String text) return new RowFields(parsed(text));
    if (value instanceof Struct struct) return new RowFields(fieldsOf(struct));
    if (!(value instanceof Map<?, ?> map)) throw new DataException("a row is no object, but " + value.getClass().getSimpleName());
    Map<String, Object> fields = new HashMap<>();
    map.forEach((name, member) -> fields.put(String.valueOf(name), member));
    return new RowFields(fields);
  }

  String windowEnd() {
    Object window = fields.get("window");
    Object end = window instanceof Map<?, ?> map ? map.get("end") : window instanceof Struct struct ? fieldsOf(struct).get("end") : null;
    if (end == null) throw new DataException("a row has no window.end");
    return end.toString();
  }

  Double doubleOf(String name) {
    String text = numberOf(name);
    return text == null ? null : Double.valueOf(text);
  }

  Float floatOf(String name) {
    String text = numberOf(name);
    return text == null ? null : Float.valueOf(text);
  }

  private String numberOf(String name) {
    if (!fields.containsKey(name)) throw new DataException("a row has no field '" + name + "'");
    Object member = fields.get(name);
    if (member != null && !(member instanceof Number)) throw new DataException("field '" + name + "' of a row is no number: " + member);
    return member == null ? null : member.toString();
  }

  private static Map<String, Object> fieldsOf(Struct struct) {
    Map<String, Object> fields = new HashMap<>();
    for (Field field : struct.schema().fields()) fields.put(field.name(), struct.get(field));
    return fields;
  }

  private static Map<String, Object> parsed(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new DataException("a row is no JSON object");
      Map<String, Object> fields = object(parser);
      if (parser.nextToken() != null) throw new DataException("something stands behind the JSON object of a row");
      return fields;
    } catch (JsonProcessingException malformed) {
      throw new DataException("a row is no JSON: " + malformed.getOriginalMessage(), malformed);
    } catch (IOException impossible) {
      throw new DataException(impossible);
    }
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> fields = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.getCurrentName();
      fields.put(name, member(parser, parser.nextToken()));
    }
    return fields;
  }

  private static Object member(JsonParser parser, JsonToken token) throws IOException {
    switch (token) {
      case START_OBJECT:
        return object(parser);
      case START_ARRAY:
        parser.skipChildren();
        return "an array";
      case VALUE_NUMBER_INT:
      case VALUE_NUMBER_FLOAT:
        return new BigDecimal(parser.getText());
      case VALUE_NULL:
        return null;
      default:
        return parser.getText();
    }
  }
}
