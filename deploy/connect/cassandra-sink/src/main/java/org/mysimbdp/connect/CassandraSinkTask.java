package org.mysimbdp.connect;

import com.datastax.oss.common.sink.AbstractSinkRecord;
import com.datastax.oss.common.sink.AbstractSinkTask;
import com.datastax.oss.common.sink.config.CassandraSinkConfig;
import com.datastax.oss.common.sink.record.RecordAndStatement;
import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import com.datastax.oss.driver.api.core.servererrors.UnauthorizedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * Hands batches to DataStax' core and decides what a failure means: Cassandra that does not answer has the batch sent again, a
 * record that does not fit goes to the dead-letter topic, a table or right that is missing ends the task, because no record is to blame.
 */
public final class CassandraSinkTask extends SinkTask {
  /** Settings the core knows; all others are Kafka Connect's own and are kept from it. */
  private static final Pattern CORE_SETTING = Pattern.compile("(name|topics|topic\\..+|ssl\\..+|auth\\..+|datastax-java-driver\\..+)");
  /** What Cassandra says of a value. All else it says of a statement concerns tables and rights, in words that differ between versions. */
  private static final Pattern BAD_VALUE = Pattern.compile("(?i)key may not be empty|longer than maximum|null value|too large|unset value");

  private final Core core = new Core();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private Map<String, String> settings = Map.of();
  private boolean toleratesBadRecords;
  private boolean isOpen;

  @Override
  public void start(Map<String, String> given) {
    toleratesBadRecords = "all".equals(given.get("errors.tolerance"));
    settings = coreSettings(given);
    // A cluster that is away now is waited for in put(), where Kafka Connect knows how to try again.
    try {
      open();
    } catch (RetriableException waits) {
      isOpen = false;
    }
  }

  static Map<String, String> coreSettings(Map<String, String> given) {
    Map<String, String> kept = new HashMap<>(given);
    kept.keySet().removeIf(key -> !CORE_SETTING.matcher(key).matches() && !CassandraSinkConfig.GLOBAL_CONFIG_DEF.names().contains(key));
    return kept;
  }

  private void open() {
    if (isOpen) return;
    try {
      core.start(settings);
      isOpen = true;
    } catch (AllNodesFailedException away) {
      throw new RetriableException("Cassandra does not answer", away);
    }
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    if (records.isEmpty()) return;
    open();
    failures.clear();
    List<AbstractSinkRecord> rows = new ArrayList<>(records.size());
    List<AbstractSinkRecord> tombstones = new ArrayList<>();
    for (SinkRecord record : records) (record.value() == null ? tombstones : rows).add(new RecordView(record));
    core.put(rows);
    delete(tombstones);
    throwFailure();
  }

  /**
   * Deletes by tombstone are sent here: the core would give them the time of writing, and a row that comes after its tombstone would
   * stay deleted because its own time, the record's, is earlier.
   */
  private void delete(List<AbstractSinkRecord> tombstones) {
    LinkedBlockingQueue<RecordAndStatement> statements = new LinkedBlockingQueue<>();
    for (AbstractSinkRecord tombstone : tombstones) core.mapAndQueueRecord(statements, tombstone);
    List<CompletableFuture<AsyncResultSet>> sent = new ArrayList<>();
    for (RecordAndStatement one : statements) {
      Long timestampMs = one.getRecord().timestamp();
      var statement = timestampMs == null ? one.getStatement() : one.getStatement().setQueryTimestamp(timestampMs * 1000);
      sent.add(core.getInstanceState().getSession().executeAsync(statement).toCompletableFuture().exceptionally(failure -> {
        core.handleFailure(one.getRecord(), failure, null, () -> {});
        return null;
      }));
    }
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
  }

  /** One failure stands for all of a batch; one that trying again cannot mend comes first. */
  private void throwFailure() {
    Throwable first = null;
    for (Throwable failure : failures) {
      if (!isTemporary(failure)) throw new ConnectException(failure.getMessage(), failure);
      first = failure;
    }
    if (first != null) throw new RetriableException("Cassandra did not take a batch: " + first.getMessage(), first);
  }

  static boolean isTemporary(Throwable failure) {
    return failure instanceof DriverException && !(failure instanceof QueryValidationException);
  }

  /** Whether the failure says something about the record, not about Cassandra. */
  static boolean isRecordToBlame(Throwable failure) {
    if (!(failure instanceof DriverException)) return true;
    if (!(failure instanceof QueryValidationException) || failure instanceof UnauthorizedException) return false;
    return BAD_VALUE.matcher(String.valueOf(failure.getMessage())).find();
  }

  @Override
  public void stop() {
    if (isOpen) core.stop();
    isOpen = false;
  }

  @Override
  public String version() {
    return CassandraSinkConnector.VERSION;
  }

  private final class Core extends AbstractSinkTask {
    @Override
    protected void handleFailure(AbstractSinkRecord record, Throwable failure, String statement, Runnable countFailure) {
      countFailure.run();
      ErrantRecordReporter reporter = context.errantRecordReporter();
      if (toleratesBadRecords && reporter != null && isRecordToBlame(failure)) reporter.report(((RecordView) record).record, failure);
      else failures.add(failure);
    }

    @Override
    public String version() {
      return CassandraSinkConnector.VERSION;
    }

    @Override
    public String applicationName() {
      return "mysimbdp-cassandra-sink";
    }
  }
}
