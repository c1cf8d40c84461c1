// All queries of the page in few event streams: a browser opens six connections to a host at most.
import { parseFigures } from './values.js'

const QUERIES_PER_STREAM = 64
const SNAPSHOT_ROWS = 600
const AGAIN_AFTER_MS = 1500

/**
 * Follows queries `{ app, query }`. `onNews` gets what the platform says of one of them; `onState` hears `live` or `lost`.
 * Answers how to stop.
 */
export function followQueries(queries, { onNews, onState }) {
  const streams = []
  for (let i = 0; i < queries.length; i += QUERIES_PER_STREAM)
    streams.push(openStream(queries.slice(i, i + QUERIES_PER_STREAM), { onNews, onState }))
  return () => {
    for (const stop of streams) stop()
  }
}

function openStream(queries, handlers) {
  const names = queries.map(({ app, query }) => `${encodeURIComponent(app)}/${encodeURIComponent(query)}`).join(',')
  let [source, timer] = [null, null]
  const open = () => {
    source = new EventSource(`/v1/live?queries=${names}&latest=${SNAPSHOT_ROWS}`)
    source.addEventListener('open', () => handlers.onState('live'))
    for (const kind of ['snapshot', 'snapshot-end', 'changes'])
      source.addEventListener(kind, (event) => handlers.onNews(kind, parseFigures(event.data)))
    source.addEventListener('error', () => {
      handlers.onState('lost')
      // The browser tries again by itself, but not after an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_AFTER_MS)
    })
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}
