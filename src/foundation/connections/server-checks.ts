/** One thing to find out about a server. */
export interface ServerCheck {
  /** What, as in `topics of Kafka`. */
  readonly what: string
  /** Answers what was found. @throws MysimbdpError that says what is wrong and what to do */
  look(): Promise<string>
}

/** What there is to find out about one server. Each check needs what those before it have found to be right. */
export interface ServerChecks {
  readonly checks: readonly ServerCheck[]
  close(): Promise<void>
}
