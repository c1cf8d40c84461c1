import type {
  CassandraConfig,
  EmbeddedEngineConfig,
  KafkaConfig,
  LocalBrokerConfig,
  SaslConfig,
  SchemaRegistryConfig,
  SparkConfig,
  SqliteSinkConfig,
} from '../runs/platform-config.ts'

type WithOptional<T, Name extends keyof T> = Omit<T, Name> & Partial<Pick<T, Name>>

/** A Kafka cluster; user and password may come from the environment. */
export type KafkaSettings = WithOptional<Omit<KafkaConfig, 'sasl'>, 'partitions' | 'replication'> & {
  readonly sasl?: WithOptional<SaslConfig, 'username' | 'password'>
}

/** What a configuration file may say. What it does not name is of this machine, or stands in the environment. */
export interface PlatformSettings {
  readonly broker?: LocalBrokerConfig | KafkaSettings
  readonly engine?: EmbeddedEngineConfig | SparkConfig
  readonly sink?: SqliteSinkConfig | WithOptional<CassandraConfig, 'port'>
  readonly schemaRegistry?: SchemaRegistryConfig
}

/** For `mysimbdp.config.ts`, which exports its result as default: the compiler then knows what may stand in it. */
export const platformSettings = (settings: PlatformSettings): PlatformSettings => settings
