import type { AlertRule, RecordingRule, RuleGroup } from './rules.ts'

/** Rules as Prometheus reads them. Texts are quoted as in JSON, which YAML knows too. */
export const rulesYaml = (groups: readonly RuleGroup[]): string => `groups:\n${groups.map(groupYaml).join('')}`

const groupYaml = ({ name, rules }: RuleGroup): string =>
  `  - name: ${name}\n    rules:\n${rules.map(ruleYaml).join('')}`

const ruleYaml = (rule: AlertRule | RecordingRule): string => ('record' in rule ? recordingYaml(rule) : alertYaml(rule))

const recordingYaml = ({ record, query }: RecordingRule): string =>
  `      - record: ${record}\n        expr: ${JSON.stringify(query)}\n`

const alertYaml = ({ alert, query, lasting, severity, summary, whatToDo }: AlertRule): string =>
  [
    `      - alert: ${alert}`,
    `        expr: ${JSON.stringify(query)}`,
    `        for: ${lasting}`,
    `        labels: { severity: ${severity} }`,
    '        annotations:',
    `          summary: ${JSON.stringify(summary)}`,
    `          description: ${JSON.stringify(whatToDo)}`,
    '',
  ].join('\n')
