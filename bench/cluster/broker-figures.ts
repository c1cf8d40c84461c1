/** What a broker counted of one topic since it started. */
export interface TopicTraffic {
  readonly recordsIn: number
  readonly bytesIn: number
  /** What consumers took; other brokers are not among them. */
  readonly bytesOut: number
}

const SERIES = 'kafka_server_brokertopicmetrics'

/** From the agent in the broker's JVM. A series is there once the topic has seen traffic. */
export async function topicTraffic(metricsUrl: string, topic: string): Promise<TopicTraffic> {
  const text = await (await fetch(metricsUrl)).text()
  const counted = (name: string): number => {
    const head = `\n${SERIES}_${name}_total{topic="${topic}"} `
    const at = text.indexOf(head)
    return at < 0 ? 0 : Number.parseFloat(text.slice(at + head.length, text.indexOf('\n', at + 1)))
  }
  return { recordsIn: counted('messagesin'), bytesIn: counted('bytesin'), bytesOut: counted('bytesout') }
}

export const trafficBetween = (before: TopicTraffic, after: TopicTraffic): TopicTraffic => ({
  recordsIn: after.recordsIn - before.recordsIn,
  bytesIn: after.bytesIn - before.bytesIn,
  bytesOut: after.bytesOut - before.bytesOut,
})
