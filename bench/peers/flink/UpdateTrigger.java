import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.triggers.TriggerResult;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Output mode update: a window that changed gives its row after some time on the clock, when it closes, and for each record that comes later still. */
final class UpdateTrigger extends Trigger<Object, TimeWindow> {
  private static final long serialVersionUID = 1;

  /** When the row is due, on the clock; null while nothing changed. */
  private final ValueStateDescriptor<Long> due = new ValueStateDescriptor<>("due", Types.LONG);

  private final long everyMs;

  UpdateTrigger(long everyMs) {
    this.everyMs = everyMs;
  }

  @Override
  public TriggerResult onElement(Object element, long timeMs, TimeWindow window, TriggerContext context)
      throws Exception {
    if (window.maxTimestamp() <= context.getCurrentWatermark()) return TriggerResult.FIRE;
    ValueState<Long> dueMs = context.getPartitionedState(due);
    if (dueMs.value() == null) {
      long fireMs = context.getCurrentProcessingTime() + everyMs;
      context.registerEventTimeTimer(window.maxTimestamp());
      context.registerProcessingTimeTimer(fireMs);
      dueMs.update(fireMs);
    }
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onProcessingTime(long timeMs, TimeWindow window, TriggerContext context) throws Exception {
    context.getPartitionedState(due).clear();
    return TriggerResult.FIRE;
  }

  @Override
  public TriggerResult onEventTime(long timeMs, TimeWindow window, TriggerContext context) {
    return timeMs == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
  }

  @Override
  public void clear(TimeWindow window, TriggerContext context) throws Exception {
    ValueState<Long> dueMs = context.getPartitionedState(due);
    if (dueMs.value() != null) context.deleteProcessingTimeTimer(dueMs.value());
    context.deleteEventTimeTimer(window.maxTimestamp());
    dueMs.clear();
  }
}
