package org.mysimbdp.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.datastax.oss.driver.api.core.DriverTimeoutException;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CassandraSinkTaskTest {
  @Test
  void theCoreGetsItsOwnSettingsAlone() {
    Map<String, String> given = Map.of("name", "n", "topics", "t", "port", "9042", "topic.t.k.t.mapping", "a=value.a", "errors.tolerance", "all",
        "value.converter.schemas.enable", "false", "consumer.override.isolation.level", "read_committed", "transforms", "place", "tasks.max", "2");
    assertEquals(Map.of("name", "n", "topics", "t", "port", "9042", "topic.t.k.t.mapping", "a=value.a"), CassandraSinkTask.coreSettings(given));
  }

  @Test
  void onlyWhatARecordCausedIsItsFault() {
    assertTrue(CassandraSinkTask.isRecordToBlame(new IllegalArgumentException("no number")));
    assertTrue(CassandraSinkTask.isRecordToBlame(new InvalidQueryException(null, "Key may not be empty")));
    assertFalse(CassandraSinkTask.isRecordToBlame(new InvalidQueryException(null, "unconfigured table t")));
    assertFalse(CassandraSinkTask.isRecordToBlame(new InvalidQueryException(null, "table t does not exist")));
    assertFalse(CassandraSinkTask.isRecordToBlame(new UnauthorizedException(null, "no MODIFY permission")));
    assertFalse(CassandraSinkTask.isRecordToBlame(new DriverTimeoutException("slow")));
  }

  @Test
  void onlyAClusterThatDoesNotAnswerIsWaitedFor() {
    assertTrue(CassandraSinkTask.isTemporary(new DriverTimeoutException("slow")));
    assertFalse(CassandraSinkTask.isTemporary(new InvalidQueryException(null, "unconfigured table t")));
    assertFalse(CassandraSinkTask.isTemporary(new IllegalArgumentException("no number")));
  }
}
