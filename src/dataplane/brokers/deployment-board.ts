/** Where the instances of a platform find what is deployed, whichever of them was told. Only the one that runs an app publishes. */
export interface DeploymentBoard {
  /** What was published last of an app; null for an app that nobody has published. @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED */
  latest(app: string): Promise<string | null>
  /** @param text of a deployment; the board does not read it. @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED */
  publish(app: string, text: string): Promise<void>
}
