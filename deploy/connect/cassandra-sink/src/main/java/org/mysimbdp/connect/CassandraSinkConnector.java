package org.mysimbdp.connect;

import com.datastax.oss.common.sink.config.CassandraSinkConfig;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** Writes topics into Cassandra. Its settings are those of DataStax' connector, which stands on the same core. */
public final class CassandraSinkConnector extends SinkConnector {
  static final String VERSION = "0.1.0";

  private Map<String, String> settings = Map.of();

  @Override
  public void start(Map<String, String> settings) {
    this.settings = Map.copyOf(settings);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return CassandraSinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return Collections.nCopies(maxTasks, settings);
  }

  @Override
  public ConfigDef config() {
    return CassandraSinkConfig.GLOBAL_CONFIG_DEF;
  }

  @Override
  public void stop() {}

  @Override
  public String version() {
    return VERSION;
  }
}
