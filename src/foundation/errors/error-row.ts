/**
 * Whose problem it is, and whether trying again can help. HTTP status and exit code follow from the domain,
 * the supervisor's decision from domain and retry alone.
 */
export type ErrorDomain = 'user' | 'external' | 'internal'
export type Retry = 'never' | 'backoff'

export interface ErrorRow {
  readonly domain: ErrorDomain
  readonly retry: Retry
  /** What went wrong, in one sentence of the reference page. The thrown message is specific; this one is general. */
  readonly meaning: string
  /** What a person can do about it. */
  readonly hint: string
}

export const row = (domain: ErrorDomain, retry: Retry, meaning: string, hint: string): ErrorRow => ({
  domain,
  retry,
  meaning,
  hint,
})
