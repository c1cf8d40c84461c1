/** One series of an answer: its labels and its value now. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface FiringAlert {
  readonly alert: string
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
}

/** Questions to a real Prometheus. */
export class PrometheusClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** @throws Error with what Prometheus says when it does not understand the query */
  async query(query: string): Promise<readonly Series[]> {
    const { result } = await this.#ask<{
      readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[]
    }>(`query?query=${encodeURIComponent(query)}`)
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }))
  }

  async firing(): Promise<readonly FiringAlert[]> {
    const { alerts } = await this.#ask<{
      readonly alerts: readonly {
        readonly state: string
        readonly labels: Record<string, string>
        readonly annotations: Record<string, string>
      }[]
    }>('alerts')
    return alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels, annotations }) => ({ alert: labels.alertname!, labels, summary: annotations.summary! }))
  }

  async #ask<T>(what: string): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${what}`)
    const answer = (await response.json()) as { readonly status: string; readonly error?: string; readonly data: T }
    if (answer.status !== 'success')
      throw new Error(`Prometheus, asked for ${decodeURIComponent(what)}: ${answer.error}`)
    return answer.data
  }
}
