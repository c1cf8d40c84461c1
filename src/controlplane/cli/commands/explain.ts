import { type Command, Option } from 'commander'
import { explain } from '#language/plan/explain.ts'
import { planToJson } from '#language/plan/plan-json.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { CliContext } from '../context.ts'

interface ExplainOptions {
  readonly format: 'text' | 'json'
  readonly engine?: string
}

export function addExplainCommand(program: Command, { engines, loweredTexts, terminal }: CliContext): void {
  program
    .command('explain')
    .argument('<app>', 'folder of an app, or its file')
    .description('say what the queries of an app mean, and what each engine can run of them')
    .addOption(new Option('--format <format>', 'words, or the plan itself').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--engine <engine>', 'this engine alone, and what it makes of the queries').choices(
        engines.map(({ engine }) => engine),
      ),
    )
    .action(async (path: string, { format, engine: chosen }: ExplainOptions) => {
      const { plan } = await loadApp(path)
      if (format === 'json') return terminal.out(`${planToJson(plan, 2)}\n`)
      const shown = engines.filter(({ engine }) => chosen === undefined || engine === chosen)
      terminal.out(explain(plan, shown))
      const lowered = chosen === undefined ? undefined : loweredTexts[chosen]
      if (lowered !== undefined) terminal.out(`\n${lowered(plan)}`)
    })
}
