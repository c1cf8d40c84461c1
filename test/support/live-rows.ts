const AWAY = 503

/** The rows of a query as the platform serves them, as JSON text, in listing order; none while the store that has them is away. */
export async function liveRows(url: string, app: string, query: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/v1/apps/${app}/queries/${query}/results?format=ndjson`)
  if (response.status === AWAY) return []
  const lines = (await response.text()).split('\n').filter((line) => line !== '')
  // A line is {"key":…,"row":…}; the row keeps its digits as text.
  return lines.map((line) => line.slice(line.indexOf(',"row":') + ',"row":'.length, -1))
}
