import type { Dashboard } from './dashboard.ts'
import { cassandra } from './dashboards/cassandra.ts'
import { connect } from './dashboards/connect.ts'
import { kafka } from './dashboards/kafka.ts'
import { platform } from './dashboards/platform.ts'

export const dashboards: readonly Dashboard[] = [platform, kafka, connect, cassandra]
