/** The rows of a query as the platform serves them, as JSON text, in listing order. */
export async function liveRows(url: string, app: string, query: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/v1/apps/${app}/queries/${query}/results?format=ndjson`)
  const lines = (await response.text()).split('\n').filter((line) => line !== '')
  // A line is {"key":…,"row":…}; the row keeps its digits as text.
  return lines.map((line) => line.slice(line.indexOf(',"row":') + ',"row":'.length, -1))
}
