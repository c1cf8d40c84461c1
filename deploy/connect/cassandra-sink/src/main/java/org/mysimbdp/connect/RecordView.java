package org.mysimbdp.connect;

import com.datastax.oss.common.sink.AbstractField;
import com.datastax.oss.common.sink.AbstractSchema;
import com.datastax.oss.common.sink.AbstractSinkRecord;
import com.datastax.oss.common.sink.AbstractSinkRecordHeader;
import com.datastax.oss.common.sink.AbstractStruct;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** A record of Kafka Connect as DataStax' core reads it: text that holds JSON, maps without a schema, and structs. */
final class RecordView implements AbstractSinkRecord {
  final SinkRecord record;
  private final List<AbstractSinkRecordHeader> headers = new ArrayList<>();

  RecordView(SinkRecord record) {
    this.record = record;
    for (Header header : record.headers()) headers.add(new HeaderView(header));
  }

  @Override
  public Iterable<AbstractSinkRecordHeader> headers() {
    return headers;
  }

  @Override
  public Object key() {
    return view(record.key());
  }

  @Override
  public Object value() {
    return view(record.value());
  }

  @Override
  public Long timestamp() {
    return record.timestamp();
  }

  @Override
  public String topic() {
    return record.topic();
  }

  private static Object view(Object data) {
    return data instanceof Struct ? new StructView((Struct) data) : data;
  }

  private static final class HeaderView implements AbstractSinkRecordHeader {
    private final Header header;

    HeaderView(Header header) {
      this.header = header;
    }

    @Override
    public String key() {
      return header.key();
    }

    @Override
    public Object value() {
      return view(header.value());
    }

    @Override
    public AbstractSchema schema() {
      // A header without a schema is text to a mapping.
      return new SchemaView(header.schema() == null ? Schema.OPTIONAL_STRING_SCHEMA : header.schema());
    }
  }

  private static final class StructView implements AbstractStruct {
    private final Struct struct;

    StructView(Struct struct) {
      this.struct = struct;
    }

    @Override
    public Object get(String field) {
      return view(struct.get(field));
    }

    @Override
    public AbstractSchema schema() {
      return new SchemaView(struct.schema());
    }
  }

  private static final class SchemaView implements AbstractSchema {
    private final Schema schema;

    SchemaView(Schema schema) {
      this.schema = schema;
    }

    @Override
    public AbstractSchema valueSchema() {
      return new SchemaView(schema.valueSchema());
    }

    @Override
    public AbstractSchema keySchema() {
      return new SchemaView(schema.keySchema());
    }

    @Override
    public Type type() {
      return Type.valueOf(schema.type().name());
    }

    @Override
    public List<? extends AbstractField> fields() {
      List<AbstractField> fields = new ArrayList<>();
      for (Field field : schema.fields()) fields.add(new FieldView(field));
      return fields;
    }

    @Override
    public AbstractField field(String name) {
      Field field = schema.field(name);
      return field == null ? null : new FieldView(field);
    }
  }

  private static final class FieldView implements AbstractField {
    private final Field field;

    FieldView(Field field) {
      this.field = field;
    }

    @Override
    public String name() {
      return field.name();
    }

    @Override
    public AbstractSchema schema() {
      return new SchemaView(field.schema());
    }
  }
}
